"""Docker mode: warden as a container that heals its neighbours through a proxy of the engine's socket."""
