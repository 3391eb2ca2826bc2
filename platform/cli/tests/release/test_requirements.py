from pharos.release.requirements import cut, needed

LOCK = """\
aiohttp==3.14.5 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
colorama==0.4.6 ; sys_platform == 'win32' \\
    --hash=sha256:cc
pydantic-core==2.50.4 \\
    --hash=sha256:dd
yarl==1.25.1 \\
    --hash=sha256:ee
"""
REQUIRES = {
    "aiohttp": ["yarl<2,>=1.17", "aiodns>=3; extra == 'speedups'"],
    "piccolo": ["pydantic[email]==2.*", "colorama>=0.4.6", 'asyncpg>=0.30; extra == "postgres"'],
    "pydantic": ["Pydantic_Core==2.50.4", "email-validator>=2; extra == 'email'", "tzdata; extra == 'timezone'"],
    "yarl": ["aiohttp; extra == 'circle'"],
}


def requires(name: str) -> list[str]:
    return REQUIRES.get(name, [])


def test_what_is_needed_is_followed_to_its_end_and_extras_only_where_they_are_asked_for() -> None:
    found = needed(["aiohttp>=3.14", "piccolo>=1.38"], requires)

    assert found == {"aiohttp", "yarl", "piccolo", "pydantic", "pydantic-core", "email-validator", "colorama"}


def test_a_circle_is_followed_once() -> None:
    assert needed(["yarl[circle]"], requires) == {"yarl", "aiohttp"}


def test_the_lock_is_cut_to_whole_entries_with_their_hashes_and_markers() -> None:
    assert cut(LOCK, {"colorama", "pydantic-core"}) == "".join(LOCK.splitlines(keepends=True)[3:7])
