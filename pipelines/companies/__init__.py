"""Who is who: mentions -> strong keys -> pairs with reasons -> clusters -> companies."""
