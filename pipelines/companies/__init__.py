"""Who is who: parties to companies."""
