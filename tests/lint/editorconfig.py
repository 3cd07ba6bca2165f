#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every text file of the tree obeys .editorconfig.

With --self-test: lines that break each rule are found.
"""
import io
import os
import re
import subprocess
import sys
import tokenize

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def pattern(glob):
    """A section's glob as a regular expression: *, ?, [..] and {a,b}."""
    out = ""
    for part in re.findall(r"\*\*|[*?]|\[[^]]*\]|\{[^}]*\}|[^*?\[{]+", glob):
        if part == "**":
            out += ".*"
        elif part == "*":
            out += "[^/]*"
        elif part == "?":
            out += "[^/]"
        elif part[0] == "{":
            out += "(" + "|".join(pattern(word) for word in part[1:-1].split(",")) + ")"
        else:
            out += part if part[0] == "[" else re.escape(part)
    return out


def sections(text):
    """[(regular expression, {key: value})] in the order of the file."""
    found = []
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("["):
            glob = line[1:-1]
            found.append((re.compile(("" if "/" in glob else "(.*/)?") + pattern(glob.lstrip("/"))),
                          {}))
        elif "=" in line and line[0] not in "#;" and found:
            key, value = line.split("=", 1)
            found[-1][1][key.strip()] = value.strip()
    return found


def settings(rules, name):
    merged = {}
    for expression, values in rules:
        if expression.fullmatch(name):
            merged.update(values)
    return merged


def wrong_line(line, rule, in_string):
    if rule.get("trim_trailing_whitespace") == "true" and line != line.rstrip():
        return "blanks at the end of the line"
    if rule.get("end_of_line") == "lf" and "\r" in line:
        return "a carriage return"
    if in_string or line.strip() == "\\":  # an empty line of a macro is clang-format's
        return None
    indent = line[:len(line) - len(line.lstrip())]
    if rule.get("indent_style") == "tab":
        if " \t" in indent:
            return "a tab after a space"
        if " " * int(rule.get("indent_size", "8")) in indent:
            return "indented with spaces"
    if rule.get("indent_style") == "space" and "\t" in indent:
        return "indented with a tab"
    return None


def quoted(name, text):
    """The lines of a Python file that begin inside a string: not its indentation."""
    lines = set()
    if name.endswith(".py"):
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.STRING:
                lines.update(range(token.start[0] + 1, token.end[0] + 1))
    return lines


def problems(name, content, rule):
    """What is wrong in one file, a line of text each."""
    if rule.get("charset") == "utf-8":
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            return [f"{name}: not UTF-8: {error}"]
        if text.startswith("\ufeff"):
            return [f"{name}: a byte order mark"]
    else:
        text = content.decode("latin-1")
    found = []
    if rule.get("insert_final_newline") == "true" and text and not text.endswith("\n"):
        found.append(f"{name}: no newline at its end")
    strings = quoted(name, text)
    for number, line in enumerate(text.split("\n"), 1):
        what = wrong_line(line, rule, number in strings)
        if what is not None:
            found.append(f"{name}:{number}: {what}")
    return found


def self_test():
    rules = sections("root = true\n[*]\ncharset = utf-8\nend_of_line = lf\ninsert_final_newline = true\n"
                     "trim_trailing_whitespace = true\n[*.{c,h}]\nindent_style = tab\nindent_size = 8\n"
                     "[data/*]\ntrim_trailing_whitespace = false\n[{meson.build,*.py}]\nindent_style = space\n")
    for name, content, expected in (
            ("a.c", b"int\n\tx;\n\t    y;\n * z\n", 0), ("a.c", b"int ", 2), ("d/a.h", b"\t \n", 1),
            ("a.c", b"        x;\n", 1), ("a.c", b"    \tx;\n", 1), ("a.c", b"x\r\n", 1),
            ("a.c", b"\xff\n", 1), ("a.txt", b"        x\n\ty\n", 0), ("data/x", b"x \n", 0),
            ("d/meson.build", b"\tx\n", 1), ("a.py", b"if x:\n  x\n", 0),
            ("a.py", b"if x:\n\tx\n", 1), ("a.py", b'x = """\n\tint\n"""\n', 0), ("a.txt", b"\xef\xbb\xbfx\n", 1)):
        got = problems(name, content, settings(rules, name))
        if len(got) != expected:
            print(f"{name} {content!r}: expected {expected}, got {got}")
            return 1
    return 0


def main():
    if "--self-test" in sys.argv:
        return self_test()
    with open(os.path.join(TOP, ".editorconfig"), encoding="utf-8") as file:
        rules = sections(file.read())
    names = subprocess.run(["git", "ls-files", "-z"], cwd=TOP, stdout=subprocess.PIPE,
                           check=True).stdout.decode().split("\0")
    found, checked = [], 0
    for name in names:
        path = os.path.join(TOP, name)
        if not name or os.path.islink(path) or not os.path.isfile(path):
            continue
        with open(path, "rb") as file:
            content = file.read()
        if b"\0" in content:
            continue
        found += problems(name, content, settings(rules, name))
        checked += 1
    print("\n".join(found + [f"{checked} files, {len(found)} findings"]))
    return 1 if found or not checked else 0


if __name__ == "__main__":
    sys.exit(main())
