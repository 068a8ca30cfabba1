"""Every version of the review: its answers over time, its note, and a page of its own that stays where it is."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from handful.base.wording import capital, counted, percent, percent_range, plural, range_per_100
from handful.records.version import AnswerThen, GroupThen, Version
from handful.site import links
from handful.site.forest import rate_plot, share_axis
from handful.site.markup import markdown
from handful.site.site import Site
from handful.site.views import Fact, Forest, ForestGroup, ForestRow, Link
from handful.site.views.history import HistoryPage, HistoryPart, VersionLine, VersionPage
from handful.words.language import told

NONE_YET = "No version has been released yet; this is a working state."
NOTHING_BEFORE = "the first version"


def history_part(site: Site, root: str) -> HistoryPart:
    """What a question's page says of versions."""
    versions = site.review.versions
    if not versions:
        return HistoryPart(NONE_YET, None, Link("History", f"{root}history.html"))
    told = f"{capital(plural(len(versions), 'version'))} released."
    return HistoryPart(told, _line(versions[-1], root), Link("All versions and their answers", f"{root}history.html"))


def history_page(site: Site) -> HistoryPage:
    """All versions, the last one first, and the answers over time."""
    versions = site.review.versions
    questions = dict.fromkeys(q for version in reversed(versions) for q in version.answers)
    told = f"{capital(plural(len(versions), 'version'))} released." if versions else NONE_YET
    return HistoryPage(
        page=site.page("history.html", "History", description="Every version of this review and what it answered."),
        sentence=told,
        versions=tuple(_line(version, "") for version in reversed(versions)),
        figures=tuple(_over_time(question, versions) for question in questions),
        axis=share_axis(),
    )


def version_page(site: Site, version: Version) -> VersionPage:
    """One version, at an address that stays."""
    facts = [
        Fact("Date", version.on.isoformat()),
        Fact("Conclusion changed", _conclusion(version)),
        Fact("Made by", version.made_by),
        Fact("Commit of the records", version.revision or "not recorded"),
        Fact("Results", version.results),
        Fact("To cite", version.citation),
    ]
    answers = version.answers.values()
    return VersionPage(
        page=site.page(
            links.version(version.version),
            f"Version {version.version}",
            kicker="Version",
            description=f"What version {version.version} of this review answered, and what had changed.",
        ),
        facts=tuple(facts),
        figures=tuple(_at_a_time(answer) for answer in answers),
        axis=share_axis(),
        verdicts=tuple(
            Fact(f"{answer.title}: {name}", value) for answer in answers for name, value in answer.verdicts.items()
        ),
        note=Markup(markdown(site.review.version_notes.get(version.version, ""))),
    )


def _line(version: Version, root: str) -> VersionLine:
    return VersionLine(
        link=Link(f"Version {version.version}", f"{root}{links.version(version.version)}"),
        on=version.on.isoformat(),
        conclusion=_conclusion(version),
        plan=f"plan changed: {', '.join(version.plan_changed)}" if version.plan_changed else "",
    )


def _conclusion(version: Version) -> str:
    if version.conclusion_changed is None:
        return NOTHING_BEFORE
    return "yes" if version.conclusion_changed else "no"


def _over_time(question: str, versions: Sequence[Version]) -> Forest:
    """Groups as headings, below each its count at every version, the last one first."""
    having = [version for version in reversed(versions) if question in version.answers]
    names = dict.fromkeys(group.group for version in having for group in version.answers[question].groups)
    groups = [
        ForestGroup(
            capital(name.replace("-", " ")),
            "",
            tuple(
                _row(Link(f"Version {v.version}", links.version(v.version)), v.on.isoformat(), group)
                for v in having
                for group in v.answers[question].groups
                if group.group == name
            ),
        )
        for name in names
    ]
    answer = having[0].answers[question]
    caption = f"{answer.title}: “{answer.outcome}” at every version"
    return Forest(caption=caption, first_column="Version", axis=share_axis(), groups=tuple(groups))


def _at_a_time(answer: AnswerThen) -> Forest:
    rows = tuple(_row(Link(capital(group.group.replace("-", " "))), "", group) for group in answer.groups)
    caption = told(
        "cell.version-caption", title=answer.title, outcome=answer.outcome, studies=plural(answer.studies, "study")
    )
    return Forest(caption=caption, first_column="Group", axis=share_axis(), groups=(ForestGroup("", "", rows),))


def _row(label: Link, sub: str, group: GroupThen) -> ForestRow:
    if not group.people or group.low is None or group.high is None:
        reason = "no rate" if group.people else "Nobody was counted"
        said = counted(group.events, group.people) if group.people else "0 of 0"
        return ForestRow(label, sub, said, count_href="", words="", digits="", plot=None, reason=reason)
    return ForestRow(
        label=label,
        sub=sub,
        count=counted(group.events, group.people),
        count_href="",
        words=range_per_100(group.low, group.high),
        digits=percent(group.events / group.people),
        digits_span=f"({percent_range(group.low, group.high, digits=2)})",
        plot=rate_plot(label.text, group.events, group.people, group.low, group.high),
    )


__all__ = ["history_page", "history_part", "version_page"]
