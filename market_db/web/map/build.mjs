// Draws the outlines of countries once, so that pages need no library for maps: node build.mjs > world.json
// Wants the packages world-atlas 2, d3-geo 3 and topojson-client 3 in node_modules.
import { createRequire } from "node:module";
import { geoArea, geoCentroid, geoNaturalEarth1, geoPath } from "d3-geo";
import { feature } from "topojson-client";

const load = createRequire(import.meta.url);
const read = (name) => {
  const topology = load(`world-atlas/${name}.json`);
  return feature(topology, topology.objects.countries).features;
};
const WIDTH = 960, HEIGHT = 480, ANTARCTICA = "010", KOSOVO = "Kosovo";
const coarse = read("countries-110m").filter((one) => one.id !== ANTARCTICA);
const fine = read("countries-50m");
const projection = geoNaturalEarth1().fitExtent([[2, 2], [WIDTH - 2, HEIGHT - 2]], { type: "FeatureCollection", features: coarse });
const path = geoPath(projection).digits(1);
const keyOf = (one) => one.id ?? (one.properties.name === KOSOVO ? "XK" : "");
const shapes = {}, others = [], dots = {};
for (const one of coarse) {
  if (keyOf(one)) shapes[keyOf(one)] = (shapes[keyOf(one)] ?? "") + path(one);
  else others.push(path(one));
}
// A country smaller than a fingertip is also a dot; Australia and Ashmore share an id: the larger one counts.
const largest = new Map();
for (const one of fine) {
  const key = keyOf(one), kept = largest.get(key);
  if (key && (!kept || geoArea(one) > geoArea(kept))) largest.set(key, one);
}
for (const [key, one] of largest) {
  if (key === ANTARCTICA || (shapes[key] && path.area(one) > 12)) continue;
  const [x, y] = projection(geoCentroid(one));
  dots[key] = [Math.round(x * 10) / 10, Math.round(y * 10) / 10];
}
const view = { width: WIDTH, height: HEIGHT, scale: projection.scale(), x: projection.translate()[0], y: projection.translate()[1] };
console.log(JSON.stringify({ view, shapes, others, dots }));
