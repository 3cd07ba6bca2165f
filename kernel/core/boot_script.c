/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * boot_script -- see boot_script.h and ABI sheet 10.2.
 *
 * Three passes over the lines: parse, which runs task-create; load, which
 * builds arguments from variables (so that a line may use what a later one
 * defines); start, which runs task-resume in line order.
 */
#include <stdbool.h>
#include <stddef.h>

#include <arch/boot_info.h>
#include <arch/console.h>
#include <ipc/ipc_port.h>
#include <ipc/mach_port.h>
#include <kern/assert.h>
#include <kern/physmem.h>
#include <kern/preempt.h>
#include <kern/string.h>
#include <kern/zalloc.h>

#include <device/ramdisk.h>

#include "boot_load.h"
#include "boot_script.h"
#include "host.h"
#include "physmem.h"
#include "task.h"
#include "thread.h"

#define LINE_WORDS 64
#define SYMBOLS    128
#define TEXT_ROOM  8192
#define NAME_SHOWN 48

struct span {
	const char *start;
	size_t length;
};

enum value_kind {
	VALUE_NONE,
	VALUE_STRING,
	VALUE_PORT, /* borrowed: lives for ever */
	VALUE_TASK,
};

struct symbol {
	struct span name;
	enum value_kind kind;
	struct span string;
	struct ipc_port *port;
	struct task *task;
};

/* prefix, then perhaps the value of a variable. */
struct word {
	struct span prefix;
	struct span variable; /* length 0: none */
};

struct boot_line {
	const struct boot_module *module;
	unsigned word_count;
	struct word word[LINE_WORDS];
	struct task *task;
	bool resume;
	bool prompt;
};

static struct symbol symbols[SYMBOLS];
static unsigned symbol_count;
static struct boot_line *lines[BOOT_MODULES_MAX];
static unsigned line_count;

static _Noreturn void
script_error(const struct boot_line *line, const char *what, struct span where)
{
	panic("boot script: %s%s%.*s%s in line \"%s\"", what, where.length > 0 ? " '" : "",
	    (int)(where.length < NAME_SHOWN ? where.length : NAME_SHOWN),
	    where.length > 0 ? where.start : "", where.length > 0 ? "'" : "",
	    line != NULL ? line->module->line : "(kernel command line)");
}

static bool
span_is(struct span span, const char *text)
{
	return span.length == strlen(text) && memcmp(span.start, text, span.length) == 0;
}

static bool
span_equal(struct span a, struct span b)
{
	return a.length == b.length && memcmp(a.start, b.start, a.length) == 0;
}

static const char *
find_byte(const char *start, char byte, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (start[i] == byte)
			return start + i;
	return NULL;
}

static struct span
span_of(const char *text)
{
	return (struct span) { text, strlen(text) };
}

/* -- Symbols ----------------------------------------------------------------------- */

static struct symbol *
symbol_find(struct span name)
{
	for (unsigned i = symbol_count; i > 0; i--)
		if (span_equal(symbols[i - 1].name, name))
			return &symbols[i - 1];
	return NULL;
}

static struct symbol *
symbol_define(const struct boot_line *line, struct span name, enum value_kind kind)
{
	struct symbol *symbol = symbol_find(name);

	if (symbol == NULL) {
		if (symbol_count == SYMBOLS)
			script_error(line, "too many variables at", name);
		symbol = &symbols[symbol_count++];
	}
	*symbol = (struct symbol) { .name = name, .kind = kind };
	return symbol;
}

static void
symbol_define_string(const char *name, struct span value)
{
	symbol_define(NULL, span_of(name), VALUE_STRING)->string = value;
}

static void
symbol_define_port(const char *name, struct ipc_port *port)
{
	symbol_define(NULL, span_of(name), VALUE_PORT)->port = port;
}

/* The next blank-separated word at *cursorp. */
static bool
next_word(const char **cursorp, struct span *word)
{
	const char *p = *cursorp;

	while (*p == ' ' || *p == '\t')
		p++;
	word->start = p;
	while (*p != '\0' && *p != '\n' && *p != ' ' && *p != '\t')
		p++;
	word->length = (size_t)(p - word->start);
	*cursorp = p;
	return word->length > 0;
}

/* Every FOO=BAR of the kernel command line. */
static void
symbols_from_command_line(const char *cursor)
{
	struct span word;

	while (next_word(&cursor, &word)) {
		const char *equals = find_byte(word.start, '=', word.length);
		struct span name;

		if (equals == NULL || equals == word.start)
			continue;
		name = (struct span) { word.start, (size_t)(equals - word.start) };
		symbol_define(NULL, name, VALUE_STRING)->string =
		    (struct span) { equals + 1, word.length - name.length - 1 };
	}
}

/* `-` and the letters of all words that begin with one; -x if there are none. */
static struct span
boot_flags(const char *cursor)
{
	static char flags[64] = "-";
	size_t length = 1;
	struct span word;

	while (next_word(&cursor, &word)) {
		if (word.start[0] != '-')
			continue;
		for (size_t i = 1; i < word.length; i++)
			if (length < sizeof(flags) - 1)
				flags[length++] = word.start[i];
	}
	if (length == 1)
		flags[length++] = 'x';
	return (struct span) { flags, length };
}

static struct span
root_device(void)
{
	static const char prefix[] = "/dev/";
	struct span root;

	root.start = boot_argument("root", &root.length);
	if (root.start == NULL)
		return span_of("UNKNOWN");
	if (root.length >= sizeof(prefix) - 1 &&
	    memcmp(root.start, prefix, sizeof(prefix) - 1) == 0) {
		root.start += sizeof(prefix) - 1;
		root.length -= sizeof(prefix) - 1;
	}
	return root;
}

static void
symbols_define_standard(void)
{
	symbols_from_command_line(boot_info.command_line);
	symbol_define_port("host-port", the_host.priv_port);
	symbol_define_port("device-port", the_host.device_port);
	symbol_define(NULL, span_of("kernel-task"), VALUE_TASK)->task = kernel_task;
	symbol_define_string("kernel-command-line", span_of(boot_info.command_line));
	symbol_define_string("boot-args", boot_flags(boot_info.command_line));
	symbol_define_string("root-device", root_device());
}

/* -- First pass: parse ------------------------------------------------------------- */

static void
line_create_task(struct boot_line *line)
{
	if (line->task != NULL)
		return;
	if (task_create_child(NULL, false, NULL, &line->task) != KERN_SUCCESS)
		panic("boot script: too little memory for the task of \"%s\"", line->module->line);
}

/* `a=b=function`: run the function, assign its value from right to left. */
static void
line_call(struct boot_line *line, struct span call)
{
	struct span name, rest = call;
	const char *equals;

	equals = find_byte(call.start, '=', call.length);
	if (equals == NULL) {
		if (span_is(call, "task-create"))
			line_create_task(line);
		else if (span_is(call, "task-resume"))
			line->resume = true;
		else if (span_is(call, "prompt-task-resume"))
			line->resume = line->prompt = true;
		else
			script_error(line, "undefined function", call);
		return;
	}
	name = (struct span) { call.start, (size_t)(equals - call.start) };
	rest.start = equals + 1;
	rest.length = call.length - name.length - 1;
	line_call(line, rest);
	if (name.length == 0 || span_is(name, "task-create") || span_is(name, "task-resume") ||
	    span_is(name, "prompt-task-resume"))
		script_error(line, "invalid variable in assignment", name);
	if (line->task == NULL)
		script_error(line, "no value to assign", call);
	symbol_define(line, name, VALUE_TASK)->task = line->task;
}

static void
line_add_word(struct boot_line *line, struct span prefix, struct span variable)
{
	if (line->word_count == LINE_WORDS)
		script_error(line, "too many words at", prefix);
	line->word[line->word_count].prefix = prefix;
	line->word[line->word_count].variable = variable;
	line->word_count++;
}

/* The text between an opening bracket at `start` and its closing one, which
 * must be the last of the word. */
static struct span
bracket(const struct boot_line *line, struct span word, size_t start, char close)
{
	if (word.start[word.length - 1] != close || word.length < start + 2)
		script_error(line, "syntax error at", word);
	return (struct span) { word.start + start, word.length - start - 1 };
}

static void
line_parse_word(struct boot_line *line, struct span word)
{
	const char *dollar = find_byte(word.start, '$', word.length);
	size_t before = dollar != NULL ? (size_t)(dollar - word.start) : word.length;
	struct span prefix = { word.start, before };
	char open = dollar != NULL && before + 1 < word.length ? dollar[1] : '\0';

	if (open == '{')
		line_add_word(line, prefix, bracket(line, word, before + 2, '}'));
	else if (open == '(' && before == 0)
		line_call(line, bracket(line, word, 2, ')'));
	else if (open == '(')
		script_error(line, "syntax error at", word);
	else
		line_add_word(line, word, (struct span) { NULL, 0 });
}

static void
line_parse(const struct boot_module *module)
{
	const char *cursor = module->line;
	struct boot_line *line;
	struct span word;

	while (*cursor == ' ' || *cursor == '\t')
		cursor++;
	if (*cursor == '#' || *cursor == '\0' || *cursor == '\n')
		return;
	line = kalloc(sizeof(*line));
	if (line == NULL)
		panic("boot script: too little memory");
	memset(line, 0, sizeof(*line));
	line->module = module;
	lines[line_count++] = line;
	while (next_word(&cursor, &word))
		line_parse_word(line, word);
}

/* -- Second pass: arguments and images ---------------------------------------------- */

struct text {
	char *bytes;
	size_t length;
};

static void
text_add(const struct boot_line *line, struct text *text, struct span span)
{
	if (span.length >= TEXT_ROOM - text->length)
		script_error(line, "arguments too long at", span);
	memcpy(text->bytes + text->length, span.start, span.length);
	text->length += span.length;
}

/* Give the line's task a send right and write its name. */
static void
text_add_port(struct boot_line *line, struct text *text, struct ipc_port *port)
{
	char digits[16];
	mach_port_name_t name = ipc_name_send_right(line->task->k_space, ipc_port_make_send(port));

	if (name == MACH_PORT_NULL)
		panic("boot script: too little memory for a port name");
	snprintf(digits, sizeof(digits), "%u", name);
	text_add(line, text, span_of(digits));
}

static void
text_add_variable(struct boot_line *line, struct text *text, struct span variable)
{
	const struct symbol *symbol = symbol_find(variable);

	if (span_is(variable, "task-create") || span_is(variable, "task-resume") ||
	    span_is(variable, "prompt-task-resume"))
		script_error(line, "invalid variable in expression", variable);
	if (symbol == NULL)
		script_error(line, "undefined symbol", variable);
	switch (symbol->kind) {
	case VALUE_STRING:
		text_add(line, text, symbol->string);
		break;
	case VALUE_PORT:
		text_add_port(line, text, symbol->port);
		break;
	case VALUE_TASK:
		text_add_port(line, text, symbol->task->k_self);
		break;
	default:
		script_error(line, "invalid value type", variable);
	}
}

static void
line_build_text(struct boot_line *line, struct text *text)
{
	for (unsigned i = 0; i < line->word_count; i++) {
		const struct word *word = &line->word[i];

		text_add(line, text, word->prefix);
		if (word->variable.length > 0)
			text_add_variable(line, text, word->variable);
		text_add(line, text, (struct span) { "", 1 });
	}
}

/* Load the module's image, hold the task, give the module's pages back. */
static void
module_start(
    const struct boot_module *module, struct task *task, const struct boot_strings *strings)
{
	const char *wrong;

	if (module->size == 0)
		panic("boot module \"%s\" is empty or missing", module->line);
	wrong = boot_load(task, phys_to_virt(module->start), module->size, strings);
	if (wrong != NULL)
		panic("boot module \"%s\": %s", module->line, wrong);
	phys_add_range(module->start,
	    (module->start + module->size + PHYS_PAGE_SIZE - 1) & ~(PHYS_PAGE_SIZE - 1));
}

static void
line_load(struct boot_line *line)
{
	struct text text = { kalloc(TEXT_ROOM), 0 };
	struct boot_strings strings;

	if (line->task == NULL)
		return;
	if (text.bytes == NULL)
		panic("boot script: too little memory");
	line_build_text(line, &text);
	strings.argument_count = line->word_count;
	strings.environment_count = 0;
	strings.text = text.bytes;
	strings.size = text.length;
	if (line->word_count > 0)
		task_set_name_string(line->task, text.bytes);
	module_start(line->module, line->task, &strings);
	kfree(text.bytes, TEXT_ROOM);
}

/* -- Third pass -------------------------------------------------------------------- */

/* The thread was made held, as thread_create makes it. */
static void
task_start(struct task *task)
{
	struct thread *thread =
	    list_entry(list_first(&task->k_threads), struct thread, t_task_link);

	thread->t_suspend_count = 0;
	thread_unhold(thread);
}

static void
line_start(struct boot_line *line)
{
	if (!line->resume)
		return;
	if (line->task == NULL)
		script_error(line, "task-resume without task-create", (struct span) { NULL, 0 });
	if (line->prompt) {
		kern_log("press a key to start %s", line->task->k_name);
		while (console_poll() < 0)
			preempt_point();
	}
	task_start(line->task);
}

/* -- Compatibility mode (10.5) -------------------------------------------------------- */

static void
compatibility_run(const struct boot_module *module)
{
	struct boot_line line = { .module = module };
	struct text text = { kalloc(TEXT_ROOM), 0 };
	struct span nul = { "", 1 };
	struct boot_strings strings = { .argument_count = 5 };

	if (text.bytes == NULL)
		panic("boot: too little memory");
	line_create_task(&line);
	text_add(&line, &text, (struct span) { "bootstrap", 10 });
	text_add(&line, &text, boot_flags(boot_info.command_line));
	text_add(&line, &text, nul);
	text_add_port(&line, &text, the_host.priv_port);
	text_add(&line, &text, nul);
	text_add_port(&line, &text, the_host.device_port);
	text_add(&line, &text, nul);
	text_add(&line, &text, root_device());
	text_add(&line, &text, nul);
	if (boot_info.command_line[0] != '\0') {
		strings.environment_count = 1;
		text_add(&line, &text, span_of("MULTIBOOT_CMDLINE="));
		text_add(&line, &text, span_of(boot_info.command_line));
		text_add(&line, &text, nul);
	}
	strings.text = text.bytes;
	strings.size = text.length;
	task_set_name_string(line.task, "bootstrap");
	module_start(module, line.task, &strings);
	kfree(text.bytes, TEXT_ROOM);
	task_start(line.task);
}

/* -- All of it ---------------------------------------------------------------------- */

/* Modules that are programs, in order; ram disks become devices. */
static unsigned
collect_programs(const struct boot_module **programs)
{
	unsigned count = 0;

	for (unsigned i = 0; i < boot_info.module_count; i++) {
		const struct boot_module *module = &boot_info.module[i];
		const char *cursor = module->line;
		struct span word;

		if (next_word(&cursor, &word) && span_is(word, "ramdisk"))
			ramdisk_add(module->start, module->size);
		else
			programs[count++] = module;
	}
	return count;
}

static bool
module_has_line(const struct boot_module *module)
{
	return module->line[0] != '\0' && strcmp(module->line, "-") != 0;
}

void
boot_script_run(void)
{
	static const struct boot_module *programs[BOOT_MODULES_MAX];
	unsigned count = collect_programs(programs);

	if (count == 0)
		panic("no boot modules: nothing to run (the boot loader must "
		      "load at least one program beside the kernel)");
	if (count == 1 && !module_has_line(programs[0])) {
		compatibility_run(programs[0]);
		return;
	}
	symbols_define_standard();
	for (unsigned i = 0; i < count; i++)
		line_parse(programs[i]);
	for (unsigned i = 0; i < line_count; i++)
		line_load(lines[i]);
	for (unsigned i = 0; i < line_count; i++)
		line_start(lines[i]);
	for (unsigned i = 0; i < line_count; i++) {
		task_release(lines[i]->task);
		kfree(lines[i], sizeof(*lines[i]));
	}
}
