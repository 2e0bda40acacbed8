"""For each rule a small project that breaks it, so that a rule which never fails is found out."""

from __future__ import annotations

from tests.architecture import rules

_TASKS = {
    "app/modeldesk/model_service/tasks/__init__.py": (
        '"""Tasks."""\n\nMODULES = {"regression": "regression", "binary": "binary", "multiclass": "multiclass"}\n'
    )
}

_SAMPLES: tuple[tuple[rules.Rule, dict[str, str]], ...] = (
    (rules.small_files, {"app/long.py": "x = 1\n" * (rules.MAX_FILE + 1)}),
    (rules.small_functions, {"app/long.py": "def long():\n" + "    x = 1\n" * rules.MAX_FUNCTION}),
    (
        rules.small_functions,
        {"app/long.py": "class A:\n    async def long(self):\n" + "        x = 1\n" * rules.MAX_FUNCTION},
    ),
    (rules.named_for_one_thing, {"app/modeldesk/services/utils.py": ""}),
    (rules.named_for_one_thing, {"app/helpers/rows.py": ""}),
    (rules.documented, {"app/silent.py": '"""A module."""\n\n\ndef public():\n    return 1\n'}),
    (rules.documented, {"app/silent.py": "x = 1\n"}),
    (rules.finished, {"app/half.py": "# TO~DO: the other half\n"}),
    (rules.finished, {"app/half.py": "raise NotImplemented~Error\n"}),
    (rules.finished, {"tests/test_half.py": "@pytest.mark.sk~ip\ndef test(): ...\n"}),
    (rules.errors_not_swallowed, {"app/deaf.py": "try:\n    x = 1\nexcept Exception:\n    pass\n"}),
    (rules.errors_not_swallowed, {"app/deaf.py": "try:\n    x = 1\nexcept:\n    pass\n"}),
    (rules.settings_read_in_one_place, {"app/modeldesk/main.py": 'import os\nport = os.environ["MODELDESK_PORT"]\n'}),
    (
        rules.settings_read_in_one_place,
        {"app/modeldesk/main.py": 'import os\nport = os.getenv("MODELDESK_PORT", "8050")\n'},
    ),
    (
        rules.settings_read_in_one_place,
        {"app/modeldesk/main.py": 'import os\nport = os.environ.get("MODELDESK_PORT")\n'},
    ),
    (rules.no_outside_address, {"assets/a.css": '@import url("https://fonts.example.com/inter.css");\n'}),
    (rules.no_outside_address, {"app/modeldesk/web/ui/common/page.py": 'SCRIPT = "//cdn.example.com/x.js"\n'}),
    (rules.style_sheets_find_their_files, {"assets/common/a.css": 'a { background: url("a.svg"); }\n'}),
    (rules.locks_hold_no_address, {"requirements.lock": "--index-url https://packages.example.com/simple\n"}),
    (rules.locks_hold_no_address, {"requirements.lock": "a==1 \\\n    --hash=sha256:00\nb==2\n"}),
    (rules.locks_agree, {"requirements.lock": "a==1\n", "requirements-test.lock": "a==2\n"}),
    (
        rules.dependencies_are_what_is_imported,
        {"pyproject.toml": "[project]\ndependencies = []\n", "app/modeldesk/store/x.py": "import sqlalchemy.orm\n"},
    ),
    (
        rules.dependencies_are_what_is_imported,
        {
            "pyproject.toml": '[project]\ndependencies = ["sqlalchemy>=2"]\n',
            "app/modeldesk/store/x.py": "import json\n",
        },
    ),
    *(
        (rules.tasks_answer_for_themselves, {**_TASKS, "app/modeldesk/services/x.py": f"{text}\n"})
        for text in (
            'number = task == "regression"',
            'classes = model.task.key in ("binary", "multiclass")',
            'number = task == task_of("regression")',
            'task = task_of("binary")',
            'match task:\n    case "binary" | "multiclass":\n        x = 1',
            'WORDS = {"binary": "Yes or no"}',
            'word = WORDS["binary"]',
            'word = WORDS.get("binary", "")',
            'KINDS = ("binary", "regression")',
            "from modeldesk.model_service.tasks.binary import Binary",
            "from modeldesk.model_service.tasks.binary import TASK",
        )
    ),
    *(
        (rules.words_in_one_place, {"app/modeldesk/web/ui/pages/catalogue/layout.py": f"{text}\n"})
        for text in (
            'empty = html.P("Nothing is here.")',
            'head = Column("Version")',
            'line = f"{low} to {high}"',
            'parts = ["published ", when(moment)]',
            'told = "by hand" if own else ""',
            'raise InvalidInput(f"There is no {name}.")',
            'names = {"used": "Most used first"}',
        )
    ),
    (rules.no_path_of_a_machine, {"docs/install.md": "cd /ho~me/ann/modeldesk\n"}),
    (rules.no_path_of_a_machine, {"Makefile": "run:\n\tcd /wo~rk/main\n"}),
)

# The tilde keeps a sample from being found in this file.
SAMPLES = tuple((rule, {name: text.replace("~", "") for name, text in files.items()}) for rule, files in _SAMPLES)
"""Rules and projects that break them."""

CLEAN: dict[str, str] = {
    "pyproject.toml": '[project]\ndependencies = ["SQLAlchemy[asyncio]>=2", "asgiref"]\n',
    "app/modeldesk/store/__init__.py": '"""Stores."""\n\nfrom sqlalchemy import orm\n',
    "app/modeldesk/__init__.py": '"""A package."""\n',
    **_TASKS,
    "app/modeldesk/model_service/tasks/binary.py": '"""Two classes."""\n\nHERE = "this" == "binary"\n',
    "app/modeldesk/services/tasks.py": (
        '"""What is no comparison of tasks."""\n\nFORMAT = {"format": "binary"}\n'
        'objective = ""\nTWO = objective == "binary"\nHINT = "Say --task regression."\n'
    ),
    "app/modeldesk/core/settings.py": '"""Settings."""\n\nimport os\n\nPORT = os.environ["MODELDESK_PORT"]\n',
    "app/modeldesk/web/ui/common/__init__.py": '"""Pages."""\n\nSPACE = "http://www.w3.org/2000/svg"\n',
    "app/modeldesk/web/ui/pages/catalogue/text.py": '"""Words."""\n\nTITLE = "All models"\n',
    "app/modeldesk/web/ui/pages/catalogue/layout.py": (
        '"""Not read by people."""\n\nline = html.P(text.TITLE, className="md-a quiet", style={"font": "1em a"})\n'
        'kind: Literal["a b"] = "a"\nlogger.info("nothing is here")\nrow = f"{low}–{high}"\n'
        'assert row, KeyError(f"no {kind}")\n'
    ),
    "assets/a.svg": "<svg/>\n",
    "assets/a.css": 'a { color: red; background: url("a.svg"); } /* a comment */\n',
    "requirements.lock": (
        "# made by make lock\na==1 \\\n    --hash=sha256:00\n    # via b\nurllib3==2.0 \\\n    --hash=sha256:00\n"
    ),
    "requirements-test.lock": "a==1 \\\n    --hash=sha256:00\nurllib3==1.26 \\\n    --hash=sha256:00\n",
    "docs/install.md": "cd modeldesk\ncurl http://127.0.0.1:8050/models/x/history\n",
}
"""A project that breaks none."""
