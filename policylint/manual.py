"""What `--help` tells of each command beside its options: what it is for, examples that run, and exit codes."""

from __future__ import annotations

from typing import NamedTuple

STOPPED = "130 stopped by SIGINT; 143 by SIGTERM"


class Page(NamedTuple):
    """A command in a line, in a paragraph, and in examples: what to type, and what that is for."""

    summary: str
    description: str
    examples: tuple[tuple[str, str], ...]
    exit_codes: str = f"0 done; 2 wrong usage or unreadable input; 3 nothing there to look at; {STOPPED}"


EXIT_CODES = (
    "0 nothing found at or above --fail-on; 1 findings; 2 wrong usage, broken configuration, unreadable organization "
    f"or failing plugin; 3 nothing to check; {STOPPED}. With --diff: 0 nothing to fix; 1 something to fix"
)
PAGES = {
    "check": Page(
        "check an organization, or policy files on their own",
        "Computes the effective policy of every account as AWS Organizations does, runs the rules over it and over the "
        "files, and tells each finding at the line that causes it, with what AWS does about it and the accounts it "
        "reaches. Policy files without their folder are checked on their own, with the settings of the organization that "
        "they lie in. Files that are not management policies are named and skipped.",
        (
            ("policylint org/", "check everything below org/"),
            ("policylint org/ --format text", "show the source lines too"),
            ("policylint org/ --select override,required", "only two families of rules"),
            ("policylint org/ --diff", "what --fix would change"),
            ("policylint --type backup policy.json", "one policy, wherever it lies"),
            ("policylint org/ --format sarif --output policylint.sarif", "for code scanning"),
        ),
        EXIT_CODES,
    ),
    "baseline": Page(
        "record today's findings; later only new ones are reported",
        "Writes today's findings to a file that you commit, each with the accounts that it affects and the value in "
        "question. Later runs of check report what is new, what affects more accounts, what got worse, and which entries "
        "have become stale. Moving lines or indenting a file differently changes nothing. Findings that ignores without "
        "accounts suppress are recorded in the same way.",
        (
            ("policylint baseline org/", "write org/policylint-baseline.json"),
            ("policylint baseline org/ --prune", "take out what is fixed, and accept nothing new"),
            ("policylint check org/ --no-baseline", "report everything all the same"),
        ),
    ),
    "effective": Page(
        "print effective policies",
        "Prints what AWS would answer to DescribeEffectivePolicy: of one account, or a line for each account and "
        "policy type, with the errors of AWS's own validation. Where AWS rejects a document on the path, it shows the merge "
        "with the safe fixes applied, as it is after check --fix, and names the document.",
        (
            ("policylint effective org/ --account payments", "one account's backup policy"),
            ("policylint effective org/ --account 222222222222 --type tag --format yaml", "its tag policy, as YAML"),
            ("policylint effective org/ --format jsonl", "every account and type"),
            ("policylint effective org/ --format jsonl --require-valid", "fail unless AWS serves each of them"),
        ),
        f"0 done; 1 with --require-valid: AWS does not serve what is shown, or that is not known; 2 wrong usage or unreadable "
        f"input; {STOPPED}",
    ),
    "explain": Page(
        "tell where a value of an effective policy comes from",
        "Tells, level by level from the root to the account, who set the value, who tried and was ignored and why, and "
        "who could still change it.",
        (("policylint explain org/ /plans/daily/regions --account payments", "where do its Regions come from?"),),
    ),
    "rules": Page(
        "list the rules, or show one rule's card",
        "Without a name it lists the rules that are loaded, with family, severity and outcome; with the name of a family "
        "those of that family. With a rule's name it shows its card: what is wrong, why, what to avoid and to prefer, options "
        "and sources.",
        (
            ("policylint rules", "all of them"),
            ("policylint rules override", "those of one family; the list has their names in front"),
            ("policylint rules locked-operator", "one card"),
            ("policylint rules --profile nist-800-53", "which rules answer to which control"),
        ),
    ),
    "plugins": Page(
        "list the plugins, what they bring along, and which of them failed",
        "Plugins are installed packages with an entry point in the group 'policylint'. Each is loaded on its own, so "
        "that a broken one stops no other.",
        (("policylint plugins", "what is loaded, from where"),),
        f"0 all are loaded; 2 one has failed; {STOPPED}",
    ),
    "new-rule": Page(
        "write the first files of a rule of your own",
        "Writes a card with an example, a check in Python beside it if asked, and a test. Nothing that exists is "
        "overwritten.",
        (
            ("policylint new-rule plan-without-owner --into org/rules", "a card, without Python"),
            ("policylint new-rule plan-without-owner --python", "a check, its card and its test"),
            ("policylint new-rule plan-without-owner --plugin", "a package to install"),
        ),
    ),
    "test-rules": Page(
        "run the examples of your cards as tests",
        "Each card's Avoid block has to break its rule, and its Prefer block must not.",
        (("policylint test-rules org/rules", "every card there"),),
        f"0 all hold; 1 one does not; 2 wrong usage or unreadable input; {STOPPED}",
    ),
    "schema": Page(
        "print the JSON Schema of policylint.yaml, for editors",
        "Editors that know the schema complete the configuration and mark what is wrong in it.",
        (("policylint schema", "print it"),),
    ),
    "completion": Page(
        "print the script that completes policylint in your shell",
        "Put the script where your shell looks for completions.",
        (("policylint completion bash", "to ~/.local/share/bash-completion/completions/policylint"),),
    ),
}
