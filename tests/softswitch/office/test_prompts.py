"""Which file is played: own before shipped, own language before English."""

from pathlib import Path

import pytest

from softswitch import resources
from softswitch.office.prompts import PromptError, PromptLibrary


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    folder = tmp_path / "shipped"
    for name in ("pl/welcome.flac", "en/welcome.flac", "en/only_english.flac", "music/calm.flac"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    (folder / "texts").mkdir()
    texts = folder / "texts"
    (texts / "pl.yaml").write_text("phrases: {welcome: Dzień dobry}\n", encoding="utf-8")
    (texts / "en.yaml").write_text("phrases: {welcome: Hello}\ngrammar: {number_1: one}\n")
    return folder


def library(shipped: Path, language: str = "pl", *own: Path) -> PromptLibrary:
    return PromptLibrary(own, language, shipped)


def test_shipped_language_then_english(shipped: Path) -> None:
    prompts = library(shipped)
    assert prompts.path("welcome") == shipped / "pl" / "welcome.flac"
    assert prompts.path("only_english") == shipped / "en" / "only_english.flac"
    assert library(shipped, "uk").path("welcome") == shipped / "en" / "welcome.flac"


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3"])
def test_own_file_of_the_same_name_takes_its_place(
    shipped: Path, tmp_path: Path, suffix: str
) -> None:
    own = tmp_path / "own"
    prompts = library(shipped, "pl", own)
    assert prompts.path("welcome") == shipped / "pl" / "welcome.flac"
    own.mkdir()
    (own / f"welcome{suffix}").touch()
    assert prompts.path("welcome") == own / f"welcome{suffix}"
    (own / "pl").mkdir()
    (own / "pl" / f"welcome{suffix}").touch()
    assert prompts.path("welcome") == own / "pl" / f"welcome{suffix}"
    assert library(shipped, "en", own).path("welcome") == own / f"welcome{suffix}"


def test_first_own_folder_counts_most(shipped: Path, tmp_path: Path) -> None:
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        folder.mkdir()
        (folder / "welcome.wav").touch()
    assert library(shipped, "pl", *folders).path("welcome") == folders[0] / "welcome.wav"


def test_music(shipped: Path, tmp_path: Path) -> None:
    prompts = library(shipped, "pl", tmp_path / "own")
    assert prompts.music("calm") == shipped / "music" / "calm.flac"
    (tmp_path / "own" / "music").mkdir(parents=True)
    (tmp_path / "own" / "music" / "calm.mp3").touch()
    assert prompts.music("calm") == tmp_path / "own" / "music" / "calm.mp3"
    with pytest.raises(PromptError, match="'jazz'"):
        prompts.music("jazz")


def test_missing(shipped: Path) -> None:
    prompts = library(shipped)
    assert prompts.missing(["welcome", "nope", "only_english", "nope", "no"]) == ["nope", "no"]
    with pytest.raises(PromptError, match="no prompt named 'nope'"):
        prompts.path("nope")
    with pytest.raises(PromptError, match="'nope'"):
        prompts.paths(["welcome", "nope"])
    assert prompts.names() == {"welcome", "only_english"}


@pytest.mark.parametrize("name", ["../pl/welcome", "/etc/passwd", "", ".", "a/b", "a\0b", "x" * 65])
def test_a_name_never_leaves_the_folder(shipped: Path, name: str) -> None:
    with pytest.raises(PromptError):
        library(shipped).path(name)
    assert library(shipped).missing([name]) == [name]


def test_text(shipped: Path) -> None:
    prompts = library(shipped)
    assert prompts.text("welcome") == "Dzień dobry"
    assert prompts.text("number_1") == "one"
    assert prompts.text("nope") is None
    assert library(shipped, "en").text("welcome") == "Hello"


def test_broken_texts_are_no_texts(shipped: Path) -> None:
    (shipped / "texts" / "pl.yaml").write_text("phrases: [\n")
    assert library(shipped).text("welcome") == "Hello"


def test_what_is_shipped_is_found() -> None:
    assert (resources.shipped("prompts") / "texts" / "pl.yaml").is_file()
    prompts = PromptLibrary(language="pl")
    assert prompts.path("welcome").is_file()
    assert prompts.music("calm").is_file()
    assert "Kancelarii Nowak i Wspólnicy" in (prompts.text("welcome") or "")
