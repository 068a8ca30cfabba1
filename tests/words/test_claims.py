"""Which words may be said: a table of sentences that people write, bad ones with the rule they break, and good ones."""

from __future__ import annotations

import pytest

import handful as hf

#: (sentence, rule, words that must be found)
BAD = [
    # W1: one arm gives no cause
    ("Dupilumab is effective in adults.", "W1", "effective"),
    ("It works.", "W1", "works"),
    ("The drug worked in some.", "W1", "worked"),
    ("The treatment was ineffective.", "W1", "ineffective"),
    ("Its efficacy was shown in 4 people.", "W1", "efficacy"),
    ("Dupilumab helped the adults.", "W1", "helped"),
    ("Dupilumab can help treat alopecia areata.", "W1", "help"),
    ("Dupilumab helps hair come back.", "W1", "helps"),
    ("It led to regrowth.", "W1", "led to"),
    ("Treatment leads to shedding.", "W1", "leads to"),
    ("It results in regrowth.", "W1", "results in"),
    ("Dupilumab caused hair loss.", "W1", "caused"),
    ("The drug causes alopecia areata.", "W1", "causes"),
    ("It can cause hair loss.", "W1", "can cause"),
    ("The drug triggers shedding.", "W1", "triggers"),
    ("Hair came back thanks to the treatment.", "W1", "thanks to the treatment"),
    ("Regrowth due to treatment was seen.", "W1", "due to treatment"),
    ("Scores were improved by dupilumab.", "W1", "improved by"),
    ("The response to dupilumab was slow.", "W1", "response to"),
    ("Three adults responded to the drug.", "W1", "responded to"),
    ("They respond well.", "W1", "respond well"),
    ("There was a good response.", "W1", "good response"),
    ("The response rate is known.", "W1", "response rate"),
    ("They were treated successfully.", "W1", "treated successfully"),
    ("It was a success.", "W1", "success"),
    ("Adults benefit from the drug.", "W1", "benefit from"),
    ("We look at the benefits of using dupilumab.", "W1", "benefits of using"),
    ("Dupilumab regrows hair.", "W1", "regrows hair"),
    ("It reduces the risk of relapse.", "W1", "reduces the risk"),
    ("Dupilumab improves the skin.", "W1", "improves the skin"),
    ("The drug stops hair loss.", "W1", "stops hair"),
    ("The drug cures alopecia areata.", "W1", "cures"),
    ("It brought back the hair.", "W1", "brought back the hair"),
    ("It can get the hair growing back.", "W1", "get the hair growing back"),
    ("Two recovered because of the drug.", "W1", "because of the drug"),
    # W2: nothing is set against anything without a comparison; no effect is not proved by an interval that holds it
    ("It is better than methotrexate.", "W2", "better than"),
    ("Children fared worse.", "W2", "Children fared worse"),
    ("Dupilumab is less effective.", "W2", "less effective"),
    ("It is superior.", "W2", "superior"),
    ("The drug was non-inferior.", "W2", "non-inferior"),
    ("Dupilumab outperformed placebo.", "W2", "outperformed"),
    ("The rate was higher in adults; higher rates in adults than in children.", "W2", "higher rates in adults than"),
    ("More adults than children had it.", "W2", "More adults than"),
    ("Hair came back more often than in children.", "W2", "more often than"),
    ("It is as good as methotrexate.", "W2", "as good as methotrexate"),
    ("Results were similar in both.", "W2", None),
    ("It is equally effective.", "W2", "equally effective"),
    ("It is the best treatment.", "W2", "the best treatment"),
    ("Unlike children, adults regrew hair.", "W2", "Unlike children"),
    ("There was no difference between the groups.", "W2", "no difference"),
    ("The drug had no effect.", "W2", "no effect"),
    ("There is no benefit.", "W2", "no benefit"),
    ("The groups did not differ.", "W2", "did not differ"),
    ("It makes no difference.", "W2", "makes no difference"),
    # W3: certainty that nobody stored
    ("This proves it.", "W3", "proves"),
    ("It definitely did something.", "W3", "definitely"),
    ("The study confirms that hair came back.", "W3", "confirms that"),
    ("It has been proven.", "W3", "proven"),
    # W4: sizes without a threshold
    ("This is a low proportion.", "W4", "low proportion"),
    ("A large effect was seen.", "W4", "large effect"),
    ("There was a small improvement.", "W4", "small improvement"),
    ("A high success rate was seen.", "W4", "high success rate"),
    ("The change was a clinically relevant improvement.", "W4", None),
    # W5: praise, blame and verdicts
    ("The results are promising.", "W5", "promising"),
    ("This is somewhat encouraging.", "W5", "encouraging"),
    ("There was a trend.", "W5", "trend"),
    ("The difference was statistically significant.", "W5", "significant"),
    ("This was not significant.", "W5", "significant"),
    ("The drug is safe.", "W5", "safe"),
    ("It was well tolerated.", "W5", "well tolerated"),
    ("It has a good safety profile.", "W5", None),
    ("It is harmless.", "W5", "harmless"),
    ("The result is disappointing.", "W5", "disappointing"),
    ("A breakthrough for patients.", "W5", "breakthrough"),
    ("The difference was real (p = 0.03).", "W5", "p = 0.03"),
    ("The numbers are impressive.", "W5", "impressive"),
    # W6, W7: none and all
    ("It helped adults but no children.", "W6", "no children"),
    ("None of the four patients had regrowth.", "W6", "None of the four patients"),
    ("Nobody improved.", "W6", "Nobody improved"),
    ("Not a single child had it.", "W6", "Not a single child"),
    ("It never works.", "W6", "never works"),
    ("There were no side effects.", "W6", "no side effects"),
    ("The drug was stopped without relapse.", "W6", "without relapse"),
    ("All patients improved.", "W7", "All patients improved"),
    ("Every child recovered.", "W7", "Every child recovered"),
    ("Everyone got better.", "W7", "Everyone got better"),
    ("Hair always comes back.", "W7", "always"),
    ("All adults will recover.", "W7", "All adults will recover"),
    ("Of the children, 0 of 12 had it.", "W6", "0 of 12"),
    ("It was 12 of 12.", "W7", "12 of 12"),
    ("All four children improved.", "W7", None),
    # W8: numbers that mislead
    ("It was 25 %.", "W8", "25 %"),
    ("It was 25 % (1 of 4).", "W8", "25 %"),
    ("About 30 percent had it.", "W8", "30 percent"),
    ("One in four had it.", "W8", "One in four"),
    ("It was 1 in 7 people.", "W8", "1 in 7"),
    ("The drug doubles the chance.", "W8", "doubles"),
    ("The risk ratio was large, RR 2.1.", "W8", "risk ratio"),
    ("Twice as many had it.", "W8", "Twice as"),
    ("It cut the risk by half.", "W8", "cut the risk by half"),
    ("There was a 40 % reduction.", "W8", "40 % reduction"),
    ("The NNT is 4.", "W8", "NNT"),
    ("It was 3 in 10 against 25 in 100.", "W8", "3 in 10 against 25 in 100"),
    # W9: most, usually, the largest
    ("Most patients had regrowth.", "W9", "Most patients"),
    ("The majority of the adults had it.", "W9", "The majority of the adults"),
    ("Nearly all children had it.", "W9", "Nearly all children"),
    ("Patients do not tend to respond.", "W9", "tend to respond"),
    ("It is not consistently effective.", "W9", "consistently effective"),
    ("Hair usually comes back.", "W9", "usually comes back"),
    ("This rarely happens.", "W9", "rarely"),
    ("Few adults improved.", "W9", "Few adults improved"),
    ("The two largest studies agree.", "W9", "largest studies"),
    ("A landmark trial was published.", "W9", "landmark trial"),
    # W12: people
    ("Three subjects were treated.", "W12", "subjects"),
    ("Two patients failed methotrexate.", "W12", "patients failed"),
    ("She failed treatment.", "W12", "failed treatment"),
    ("Three cases improved.", "W12", "cases improved"),
    ("People who were non-compliant left.", "W12", "non-compliant"),
]

#: (a word as it may be hidden, what is found of it)
HIDDEN = {
    "a soft hyphen": "The drug is s\u00adafe.",
    "a zero-width space": "The drug is sa\u200bfe.",
    "a word joiner": "The drug is sa\u2060fe.",
    "a combining mark": "The drug is sa\u0336f\u0301e.",
    "an accent": "The drug is sáfë.",
    "full-width letters": "The drug is ｓａｆｅ.",
    "mathematical letters": "The drug is 𝐬𝐚𝐟𝐞.",
    "letters in circles": "The drug is ⓢⓐⓕⓔ.",
    "Cyrillic letters": "The drug is sаfе.",
    "only Cyrillic letters in front": "The drug is ѕаfe.",
    "small capitals": "The drug is ꜱᴀꜰᴇ.",
    "a number as a letter": "The drug is s4fe.",
    "an entity without a shape": "The drug is sa&shy;fe.",
    "a numbered entity": "The drug is s&#97;fe.",
    "an entity in base 16": "The drug is s&#x61;fe.",
    "Markdown inside the word": "The drug is sa**f**e.",
    "Markdown around the word": "The drug is _safe_.",
    "letter by letter": "The drug is s a f e.",
    "a link": "The drug is [safe](https://example.org).",
    "a line break": "The drug is well\n  tolerated.",
    "spaces of another width": "The drug is well\u00a0tolerated.",
    "a hyphen that does not break": "The drug is well\u2011tolerated.",
}

GOOD = [
    "Among adults, 1 of 4 had “regrowth”; the true rate could be anything from fewer than 1 to 81 in 100.",
    "None of 12 had it; the true rate could be as high as 26 in 100.",
    "All 12 of 12 had it. The true rate could be as low as 74 in 100.",
    "Of the children, 0 of 12 had it (0 to 26 in 100).",
    "These counts cannot tell adults and children apart.",
    "The studies had no comparison group, so what would have happened without treatment is not known from here.",
    "No systematic search was made.",
    "No study in our records tests them.",
    "Whether it works is not known.",
    "It is not known whether dupilumab is effective.",
    "These counts do not show that the drug works.",
    "A case series cannot show that a drug causes anything.",
    "Nothing here says that one treatment does more than another.",
    "Nobody knows how many people were treated.",
    "Does dupilumab work in children?",
    "Is it safe?",
    "The paper says “statistically significant”, and it calls the drug “safe and effective”.",
    'The title is "Helped 25 % of Adults But No Children".',
    "Cosmetically “significant” is the paper's word.",
    "Hair regrew in 7 of 8 (47 to more than 99 in 100).",
    "Added up, 1 of 8 had it; adding up is not pooling.",
    "Single case reports are listed apart and never added to the series.",
    "Neither study had a comparison group.",
    "None of these counts has a placebo group beside it.",
    "None of the studies had a comparison group.",
    "All of them had atopic dermatitis.",
    "All people in the series were adults.",
    "Many trials mix people who lost half of their hair with people who lost all of it.",
    "Everyone knew the drug, so the second half was open.",
    "No children were in the trial.",
    "No adults were included.",
    "Of 16 who started, 8 were measured.",
    "The safety data were not reported.",
    "Keep it in a safe place.",
    "Harms are counted in the same way.",
    "Two people stopped for conjunctivitis; 3 of 52 had it (1 to 16 in 100).",
    "The causes of alopecia areata are many.",
    "Deaths of any cause were counted.",
    "It got worse at first in 2 of 20 people.",
    "The word that is counted changes the answer.",
    "A later study followed children from one centre.",
    "These people took tofacitinib.",
    "The exact 95 % interval is wide.",
    "A 95 % confidence interval was computed.",
    "Below 20 people no percentage is written.",
    "In 23 of 64 people (36 %) it was seen.",
    "The share was 36 % of 64 people.",
    "38.8 %, a modelled percentage, n = 281.",
    "A percentage is printed, number of people not reported: 40 %.",
    "The number of people is not given here.",
    "In 24 weeks, 12 in 100 with A and 20 in 100 with B had it: a relative risk of 0.6.",
    "About 34 in 100 had it.",
    "It was written down in 2019 and again in 2021.",
    "Results in this table are sums.",
    "The list leads to the list of sources.",
    "How it works is explained in the methods.",
    "The team worked together for a year.",
    "People at work and at school were asked.",
    "The count was worked back from a printed percentage.",
    "The authors responded to our letter.",
    "In response to a comment the count was mended.",
    "The editors respond to a reader's comment within a week.",
    "The help page explains each word.",
    "This figure helps to read the table.",
    "Ask a doctor for help.",
    "Always talk to a doctor first.",
    "Do not stop a treatment because of this page.",
    "Worse than before is counted as worse.",
    "SALT 20 or less means that four fifths of the scalp are covered.",
    "Most of the hair was back, as measured.",
    "Most of these had no atopic dermatitis stated.",
    "How often it happens cannot be told from these counts.",
    "Larger studies are needed.",
    "A larger trial would change this.",
    "It needs a larger study.",
    "No difference was looked for.",
    "No harm was reported on, because nobody asked.",
    "No side effects were recorded, and none were asked for.",
    "The smallest important difference is not defined.",
    "Numbers come from the counts.",
    "The significance level is 0.05.",
    "The subjects covered on this page are four.",
    "The letter failed to say how many there were.",
    "The drug was paused; hair was shed and came back on restart.",
    "Regrowth after 24 weeks: 1 of 4 (fewer than 1 to 81 in 100).",
    "Such reports are written when something happened.",
    "A person for whom something happened is more likely to be written about than one for whom nothing did.",
    "There is no proof that it helps.",
    "There is no evidence that it works, and none that it does not.",
    "The question is whether it helps; the counts do not say.",
    "JAK inhibitors are medicines taken by mouth, some approved for severe alopecia areata.",
    "Three rows give a score at the start, only 1 of them also later.",
    "Two trials print no patient table, and this is a worked review.",
    "The review is not medical advice.",
    "Those counts fit with low rates and with high ones, in both groups.",
    '`effective`, [what was counted](safe-and-effective.html) and {{ quote("s", "safe") }} are not looked at.',
]


@pytest.mark.parametrize(("text", "rule", "words"), BAD, ids=lambda value: str(value)[:40])
def test_what_claims_too_much_is_found(text: str, rule: str, words: str | None) -> None:
    found = hf.check_words(text)
    assert rule in {one.rule for one in found}, found
    if words is not None:
        assert any(words in one.words for one in found if one.rule == rule), found
    assert all(one.says and one.instead and "{" not in one.instead for one in found)


@pytest.mark.parametrize("how", HIDDEN)
def test_a_word_does_not_hide(how: str) -> None:
    text = HIDDEN[how]
    found = [one for one in hf.check_words(text) if one.id == "safe"]
    assert len(found) == 1, (text, hf.check_words(text))
    assert text[found[0].start : found[0].end].strip(" [].*_") != ""
    assert found[0].start == text.index("s", len("The drug is")) if "drug is s" in text else found[0].start >= 12


@pytest.mark.parametrize(
    "text",
    ["It was ２５ %.", "It was 25\u00a0%.", "It was 2\u200b5 %.", "It was 25&nbsp;%.", "It was ٢٥٪.", "It was 25％."],
)
def test_a_percentage_does_not_hide(text: str) -> None:
    assert {one.rule for one in hf.check_words(text)} == {"W8"}


def test_what_was_typed_is_shown_with_what_it_reads() -> None:
    (one,) = hf.check_words("Line one.\nThe drug is sа\u00adfe, they say.")
    assert (one.line, one.words, one.says[:21]) == (2, "sа\u00adfe", "(it reads “safe”) no "[:21])


@pytest.mark.parametrize("text", GOOD, ids=lambda value: str(value)[:40])
def test_what_says_no_more_than_its_counts_passes(text: str) -> None:
    assert not hf.check_words(text).found


def test_the_table_is_long_enough_and_of_every_kind() -> None:
    assert len(BAD) >= 80
    assert len(GOOD) >= 80
    assert {rule for _, rule, _ in BAD} == {f"W{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 12)}


@pytest.mark.parametrize(
    "piece", ["&shy;s&#97;fe ", "eff**ect**ive ", "s a f e ", "the drug helped most adults and was safe "]
)
def test_long_texts_full_of_findings_are_read_in_one_pass(piece: str) -> None:
    """Work grows with the length and not with its square: four times the text is no more than eight times the time."""
    import time

    def took(times: int) -> float:
        text = piece * times
        best = float("inf")
        for _ in range(2):
            start = time.process_time()
            hf.check_words(text, counts={"adults": (1, 4), "children": (0, 4)})
            best = min(best, time.process_time() - start)
        return best

    assert took(400) < 8 * took(100) + 0.05
