/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command: options, preprocessor, passes, output files.
 *
 * Outputs are built in memory and renamed into place, so that no half
 * written file is ever seen and a failed run leaves what was there.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mig.h"

#ifndef MIG_VERSION
#define MIG_VERSION "0.1.0"
#endif

#define INPUT_MAX (256u << 20)

struct options options;

static struct {
	const char **cpp_args;
	size_t cpp_count;
	const char **inputs;
	size_t input_count;
	const char *compiler;
	bool no_cpp;
	bool keep_unchanged;
	bool dependencies;           /* -MD */
	const char *dependency_file; /* -MF */
	const char **depends;
	size_t depend_count;
	const char *outputs[64];
	size_t output_count;
} run;

static const char usage_text[] =
    "usage: mig [options] file.defs ...\n"
    "       mig diff OLD.defs NEW.defs\n"
    "\n"
    "Outputs (names default to those of the subsystem; /dev/null suppresses one):\n"
    "  -user FILE, -server FILE   C stubs of the two sides (NAMEUser.c, NAMEServer.c)\n"
    "  -header FILE               user header (NAME.h)\n"
    "  -sheader FILE              server header\n"
    "  -iheader FILE, -dheader FILE   internal names; message ids\n"
    "  -i PREFIX                  one user file for each routine: PREFIXroutine.c\n"
    "  -list FILE                 one line for each routine\n"
    "  --doc FILE                 the wire layout, in Markdown\n"
    "  --fuzz FILE                a libFuzzer harness for the server\n"
    "  --trace FILE               a table that makes messages readable\n"
    "  --dump=ast|types|layout|plan|json   to standard output\n"
    "  -n                         no output but those named\n"
    "  --keep-unchanged           leave a file alone that would get the same text\n"
    "\n"
    "Language:\n"
    "  --abi=typed|osf|auto       wire dialect (auto: by what the file uses)\n"
    "  --compat=2.5               accept the MSG_TYPE_* names of Mach 2.5\n"
    "  -prefix P, -subrprefix P   put before every symbol; before every routine\n"
    "  -q, -Q                     warnings off, on    -Werror   -Wownership\n"
    "  -v, -V                     print the routines, or not\n"
    "  -r, -R                     one mach_msg for an RPC, or two\n"
    "  -s, -S                     symbol table in the server, or not\n"
    "  --fastpath                 stubs for register IPC beside the others\n"
    "  --source-positions         say in stubs where each routine is declared\n"
    "\n"
    "Preprocessor:\n"
    "  -cc COMMAND, -cpp COMMAND  C compiler to run with -E (default: $MIGCC, $CC, cc)\n"
    "  -D -I -U -include -imacros -isystem ...   handed to it\n"
    "  -no-cpp, -                 input is preprocessed already; - reads standard input\n"
    "  -MD, -MF FILE              write a dependency file\n"
    "\n"
    "  -version, --version, --help, --self-check\n";

/* ---- files ------------------------------------------------------------------ */

static char *
read_all(int fd, const char *name, size_t *lengthp)
{
	size_t room = 1 << 16;
	size_t length = 0;
	char *text = malloc(room + 2);

	while (text != NULL) {
		ssize_t n = read(fd, text + length, room - length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			mig_fatal("cannot read %s: %s", name, strerror(errno));
		if (n == 0)
			break;
		length += (size_t)n;
		if (length > INPUT_MAX)
			mig_fatal("%s is larger than %u MiB", name, INPUT_MAX >> 20);
		if (length == room) {
			room *= 2;
			text = realloc(text, room + 2);
		}
	}
	if (text == NULL)
		mig_fatal("out of memory");
	text[length] = text[length + 1] = '\0';
	*lengthp = length;
	return text;
}

static void
write_all(int fd, const char *data, size_t length, const char *name)
{
	while (length != 0) {
		ssize_t n = write(fd, data, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			mig_fatal("cannot write %s: %s", name, strerror(errno));
		data += n;
		length -= (size_t)n;
	}
}

static bool
is_special_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

/* Is that what the file holds already? */
static bool
file_holds(const char *path, const char *data, size_t length)
{
	int fd = is_special_file(path) ? -1 : open(path, O_RDONLY);
	bool same = fd >= 0;
	char block[4096];

	while (same) {
		ssize_t n = read(fd, block, sizeof(block));

		if (n < 0 && errno == EINTR)
			continue;
		same = n >= 0 && (size_t)n <= length && memcmp(block, data, (size_t)n) == 0;
		if (n <= 0) {
			same = same && length == 0;
			break;
		}
		data += n;
		length -= (size_t)n;
	}
	if (fd >= 0)
		(void)close(fd);
	return same;
}

static void
file_write(const char *path, const struct buffer *buffer)
{
	const char *data = buffer->data != NULL ? buffer->data : "";
	const char *temporary = path;
	int fd;

	if (strcmp(path, "/dev/null") == 0)
		return;
	if (strcmp(path, "-") == 0) {
		write_all(STDOUT_FILENO, data, buffer->length, "standard output");
		return;
	}
	if (run.output_count < sizeof(run.outputs) / sizeof(run.outputs[0]))
		run.outputs[run.output_count++] = path;
	if (run.keep_unchanged && file_holds(path, data, buffer->length))
		return;
	if (!is_special_file(path))
		temporary = mig_format("%s.mig-%ld", path, (long)getpid());
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (fd < 0)
		mig_fatal("cannot create %s: %s", path, strerror(errno));
	write_all(fd, data, buffer->length, path);
	if (close(fd) != 0)
		mig_fatal("cannot write %s: %s", path, strerror(errno));
	if (temporary != path && rename(temporary, path) != 0) {
		int error = errno;

		unlink(temporary);
		mig_fatal("cannot create %s: %s", path, strerror(error));
	}
}

/* ---- preprocessor --------------------------------------------------------------- */

static void
cpp_execute(const char *input, int out)
{
	const char *words[8];
	const char **argv = calloc(run.cpp_count + 16, sizeof(*argv));
	char *command = strdup(run.compiler);
	size_t n = 0;

	if (argv == NULL || command == NULL)
		_exit(127);
	for (char *word = strtok(command, " "); word != NULL && n < 8; word = strtok(NULL, " "))
		words[n++] = word;
	if (n == 0)
		_exit(127);
	memcpy(argv, words, n * sizeof(*argv));
	argv[n++] = "-E";
	argv[n++] = "-x";
	argv[n++] = "c";
	for (size_t i = 0; i < run.cpp_count; i++)
		argv[n++] = run.cpp_args[i];
	argv[n++] = input;
	argv[n] = NULL;
	dup2(out, STDOUT_FILENO);
	execvp(argv[0], (char *const *)argv);
	fprintf(stderr, "mig: error: cannot run '%s': %s\n", argv[0], strerror(errno));
	_exit(127);
}

static char *
cpp_read(const char *input, size_t *lengthp)
{
	int pipe_fds[2];
	int status = 0;
	char *text;
	pid_t child;

	if (pipe(pipe_fds) != 0)
		mig_fatal("cannot make a pipe: %s", strerror(errno));
	child = fork();
	if (child < 0)
		mig_fatal("cannot start the preprocessor: %s", strerror(errno));
	if (child == 0) {
		close(pipe_fds[0]);
		cpp_execute(input, pipe_fds[1]);
	}
	close(pipe_fds[1]);
	text = read_all(pipe_fds[0], "the preprocessor's output", lengthp);
	close(pipe_fds[0]);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		fprintf(stderr, "mig: error: the preprocessor failed on %s\n", input);
		exit(1);
	}
	return text;
}

static char *
input_read(const char *input, size_t *lengthp)
{
	char *text;
	int fd;

	if (strcmp(input, "-") == 0)
		return read_all(STDIN_FILENO, "standard input", lengthp);
	fd = open(input, O_RDONLY);
	if (fd < 0)
		mig_fatal("cannot open %s: %s", input, strerror(errno));
	if (!run.no_cpp) {
		close(fd);
		return cpp_read(input, lengthp);
	}
	text = read_all(fd, input, lengthp);
	close(fd);
	return text;
}

/* ---- dependencies ------------------------------------------------------------------ */

static void
depend_collect(const struct source *source)
{
	struct table seen = { 0 };

	run.depends = mig_alloc((source->line_count + 1) * sizeof(*run.depends));
	run.depend_count = 0;
	for (size_t i = 0; i < source->line_count; i++) {
		const char *file = source->lines[i].file;

		if (file == NULL || file[0] == '<' ||
		    (i > 0 && file == source->lines[i - 1].file) || table_find(&seen, file) != NULL)
			continue;
		table_put(&seen, file, (void *)file);
		run.depends[run.depend_count++] = file;
	}
}

static void
depend_word(struct buffer *out, const char *word)
{
	for (; *word != '\0'; word++) {
		if (*word == ' ' || *word == '#' || *word == '\\')
			buffer_append(out, "\\", 1);
		if (*word == '$')
			buffer_append(out, "$", 1);
		buffer_append(out, word, 1);
	}
}

static void
depend_write(const char *input)
{
	struct buffer out = { 0 };
	const char *file = run.dependency_file;
	const char *slash = strrchr(input, '/');
	size_t outputs = run.output_count;

	if (file == NULL) {
		const char *base = slash != NULL ? slash + 1 : input;
		const char *dot = strrchr(base, '.');

		file = mig_format(
		    "%.*s-mig.d", dot != NULL ? (int)(dot - base) : (int)strlen(base), base);
	}
	for (size_t i = 0; i < outputs; i++) {
		if (i != 0)
			buffer_append(&out, " ", 1);
		depend_word(&out, run.outputs[i]);
	}
	buffer_puts(&out, ":");
	for (size_t i = 0; i < run.depend_count; i++) {
		buffer_puts(&out, " \\\n ");
		depend_word(&out, run.depends[i]);
	}
	buffer_puts(&out, "\n");
	file_write(file, &out);
	buffer_destroy(&out);
}

/* ---- outputs -------------------------------------------------------------------------- */

static void
output_individual(struct subsystem *s)
{
	for (struct routine *r = s->routines; r != NULL; r = r->next) {
		struct buffer out = { 0 };

		emit_user_routine(s, r, &out);
		file_write(mig_format("%s%s.c", options.individual, r->name), &out);
		buffer_destroy(&out);
	}
}

static void
output_user(struct subsystem *s)
{
	struct buffer out = { 0 };

	if (options.individual != NULL) {
		output_individual(s);
		return;
	}
	if (options.user_file == NULL)
		return;
	emit_user(s, &out);
	file_write(options.user_file, &out);
	buffer_destroy(&out);
}

/* Names that were not given: only when nothing was asked for by name. */
static void
output_defaults(const struct subsystem *s)
{
	bool wants_default = !options.no_default_outputs && options.dump == NULL &&
	    options.doc_file == NULL && options.fuzz_file == NULL && options.trace_file == NULL;

	if (!wants_default)
		return;
	if (options.user_file == NULL)
		options.user_file = mig_format("%sUser.c", s->name);
	if (options.server_file == NULL)
		options.server_file = mig_format("%sServer.c", s->name);
	if (options.header_file == NULL)
		options.header_file = mig_format("%s.h", s->name);
}

static void
output_all(struct subsystem *s)
{
	const struct {
		const char *file;
		void (*emit)(struct subsystem *, struct buffer *);
	} outputs[] = {
		{ options.server_file, emit_server },
		{ options.header_file, emit_user_header },
		{ options.sheader_file, emit_server_header },
		{ options.iheader_file, emit_internal_header },
		{ options.dheader_file, emit_defines_header },
		{ options.list_file, emit_list },
		{ options.doc_file, emit_doc },
		{ options.fuzz_file, emit_fuzz },
		{ options.trace_file, emit_trace },
	};

	output_user(s);
	for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++) {
		struct buffer out = { 0 };

		if (outputs[i].file == NULL)
			continue;
		outputs[i].emit(s, &out);
		file_write(outputs[i].file, &out);
		buffer_destroy(&out);
	}
}

static void
output_dump(const struct ast *ast, struct subsystem *s)
{
	struct buffer out = { 0 };

	if (strcmp(options.dump, "ast") == 0)
		dump_ast(ast, &out);
	else if (strcmp(options.dump, "types") == 0)
		dump_types(s, &out);
	else if (strcmp(options.dump, "layout") == 0)
		dump_layout(s, &out);
	else if (strcmp(options.dump, "plan") == 0)
		dump_plan(s, &out);
	else
		dump_json(s, &out);
	file_write("-", &out);
	buffer_destroy(&out);
}

static void
print_verbose(const struct subsystem *s)
{
	printf("Subsystem %s: base = %u\n", s->name, s->base);
	for (const struct routine *r = s->routines; r != NULL; r = r->next)
		printf("%s (%u) %s\n", routine_kind_text(r->kind), r->id, r->name);
}

/* ---- passes ------------------------------------------------------------------------------ */

static struct subsystem *
compile(struct source *source, struct ast *ast, const char *input)
{
	size_t length;
	char *text = input_read(input, &length);
	struct subsystem *s;

	diag.errors = diag.warnings = 0;
	source_init(source, text, length, strcmp(input, "-") == 0 ? "<stdin>" : input);
	diag.source = source;
	parse_source(source, ast);
	s = sema_check(ast);
	diag_flush();
	if (s == NULL)
		return NULL;
	layout_subsystem(s);
	return s;
}

static int
report_errors(void)
{
	if (diag.errors != 0)
		fprintf(stderr, "mig: %u error%s\n", diag.errors, diag.errors == 1 ? "" : "s");
	return 1;
}

static int
compile_file(const char *input)
{
	struct source source = { 0 };
	struct ast ast;
	struct options saved = options;
	struct subsystem *s = compile(&source, &ast, input);

	if (s == NULL || diag.errors != 0)
		return report_errors();
	run.output_count = 0;
	output_defaults(s);
	if (options.verbose)
		print_verbose(s);
	if (options.dump != NULL)
		output_dump(&ast, s);
	depend_collect(&source);
	output_all(s);
	if (run.dependencies)
		depend_write(input);
	source_release(&source);
	options = saved;
	return 0;
}

static int
run_diff(const char *older, const char *newer)
{
	struct source old_source = { 0 };
	struct source new_source = { 0 };
	struct ast old_ast, new_ast;
	struct subsystem *a = compile(&old_source, &old_ast, older);
	struct subsystem *b = a != NULL ? compile(&new_source, &new_ast, newer) : NULL;
	unsigned changes;

	if (a == NULL || b == NULL) {
		report_errors();
		return 2;
	}
	changes = diff_subsystems(a, b, stdout);
	source_release(&old_source);
	source_release(&new_source);
	return changes != 0;
}

/* ---- options ------------------------------------------------------------------------------- */

struct option_row {
	const char *name;
	const char **value; /* takes an argument */
	bool *flag;
	bool set; /* what the flag becomes */
};

static bool ignored_flag;
static const char *ignored_value;

static const struct option_row option_rows[] = {
	{ "-user", &options.user_file, NULL, false },
	{ "-server", &options.server_file, NULL, false },
	{ "-header", &options.header_file, NULL, false },
	{ "-sheader", &options.sheader_file, NULL, false },
	{ "-iheader", &options.iheader_file, NULL, false },
	{ "-dheader", &options.dheader_file, NULL, false },
	{ "-list", &options.list_file, NULL, false },
	{ "-i", &options.individual, NULL, false },
	{ "-prefix", &options.prefix, NULL, false },
	{ "-subrprefix", &options.subrprefix, NULL, false },
	{ "--doc", &options.doc_file, NULL, false },
	{ "--fuzz", &options.fuzz_file, NULL, false },
	{ "--trace", &options.trace_file, NULL, false },
	{ "-cc", &run.compiler, NULL, false },
	{ "-cpp", &run.compiler, NULL, false },
	{ "-migcom", &ignored_value, NULL, false },
	{ "-MF", &run.dependency_file, NULL, false },
	{ "-maxonstack", &ignored_value, NULL, false },
	{ "-max_descrs", &ignored_value, NULL, false },
	{ "-max_reply_descrs", &ignored_value, NULL, false },
	{ "-q", NULL, &diag.quiet, true },
	{ "-Q", NULL, &diag.quiet, false },
	{ "-v", NULL, &options.verbose, true },
	{ "-V", NULL, &options.verbose, false },
	{ "-r", NULL, &options.rpc_separate, false },
	{ "-R", NULL, &options.rpc_separate, true },
	{ "-s", NULL, &options.symbol_table, true },
	{ "-S", NULL, &options.symbol_table, false },
	{ "-n", NULL, &options.no_default_outputs, true },
	{ "-Werror", NULL, &diag.warnings_are_errors, true },
	{ "-Wownership", NULL, &diag.ownership, true },
	{ "--fastpath", NULL, &options.fastpath, true },
	{ "--source-positions", NULL, &options.source_positions, true },
	{ "-no-cpp", NULL, &run.no_cpp, true },
	{ "--keep-unchanged", NULL, &run.keep_unchanged, true },
	{ "-MD", NULL, &run.dependencies, true },
	/* Choices of peers that make no difference here. */
	{ "-t", NULL, &ignored_flag, true },
	{ "-T", NULL, &ignored_flag, true },
	{ "-l", NULL, &ignored_flag, true },
	{ "-L", NULL, &ignored_flag, true },
	{ "-k", NULL, &ignored_flag, true },
	{ "-K", NULL, &ignored_flag, true },
	{ "-N", NULL, &ignored_flag, true },
	{ "-b", NULL, &ignored_flag, true },
	{ "-B", NULL, &ignored_flag, true },
	{ "-x", NULL, &ignored_flag, true },
	{ "-X", NULL, &ignored_flag, true },
	{ "-split", NULL, &ignored_flag, true },
	{ "-novouchers", NULL, &ignored_flag, true },
	{ "-mach_msg2", NULL, &ignored_flag, true },
};

static const char *const cpp_with_value[] = {
	"-D",
	"-I",
	"-U",
	"-include",
	"-imacros",
	"-isystem",
	"-idirafter",
	"-iquote",
	"-isysroot",
	"-arch",
	"-target",
	"-iprefix",
	"-iwithprefix",
};

static const char *
option_value(int argc, char **argv, int *i)
{
	if (*i + 1 >= argc) {
		fprintf(stderr, "mig: error: option %s needs a value\n", argv[*i]);
		exit(2);
	}
	return argv[++*i];
}

static void
option_abi(const char *value)
{
	if (strcmp(value, "typed") == 0)
		options.abi = ABI_TYPED;
	else if (strcmp(value, "osf") == 0)
		options.abi = ABI_OSF;
	else if (strcmp(value, "auto") == 0)
		options.abi = ABI_AUTO;
	else {
		fprintf(stderr, "mig: error: --abi is typed, osf or auto, not '%s'\n", value);
		exit(2);
	}
}

static void
option_dump(const char *value)
{
	static const char *const kinds[] = { "ast", "types", "layout", "plan", "json" };

	for (size_t i = 0; i < 5; i++)
		if (strcmp(value, kinds[i]) == 0) {
			options.dump = kinds[i];
			return;
		}
	fprintf(
	    stderr, "mig: error: --dump is ast, types, layout, plan or json, not '%s'\n", value);
	exit(2);
}

static void
option_compat(const char *value)
{
	if (strcmp(value, "2.5") != 0) {
		fprintf(stderr, "mig: error: --compat is 2.5, not '%s'\n", value);
		exit(2);
	}
	options.compat25 = true;
}

static bool
option_long(const char *arg)
{
	if (strncmp(arg, "--abi=", 6) == 0)
		option_abi(arg + 6);
	else if (strncmp(arg, "--dump=", 7) == 0)
		option_dump(arg + 7);
	else if (strncmp(arg, "--compat=", 9) == 0)
		option_compat(arg + 9);
	else if (strncmp(arg, "--doc=", 6) == 0)
		options.doc_file = arg + 6;
	else if (strncmp(arg, "--fuzz=", 7) == 0)
		options.fuzz_file = arg + 7;
	else if (strncmp(arg, "--trace=", 8) == 0)
		options.trace_file = arg + 8;
	else
		return false;
	return true;
}

static bool
option_information(const char *arg)
{
	if (strcmp(arg, "--help") == 0 || strcmp(arg, "-help") == 0)
		fputs(usage_text, stdout);
	else if (strcmp(arg, "--version") == 0 || strcmp(arg, "-version") == 0)
		printf("mig (Portolan) %s\n", MIG_VERSION);
	else if (strcmp(arg, "--self-check") == 0)
		exit(emit_self_check(stderr) ? 0 : 1);
	else
		return false;
	return true;
}

static void
cpp_add(const char *arg)
{
	run.cpp_args[run.cpp_count++] = arg;
}

static bool
option_for_cpp(int argc, char **argv, int *i)
{
	const char *arg = argv[*i];

	for (size_t k = 0; k < sizeof(cpp_with_value) / sizeof(cpp_with_value[0]); k++)
		if (strcmp(arg, cpp_with_value[k]) == 0) {
			cpp_add(arg);
			cpp_add(option_value(argc, argv, i));
			return true;
		}
	if (strncmp(arg, "-D", 2) == 0 || strncmp(arg, "-I", 2) == 0 ||
	    strncmp(arg, "-U", 2) == 0 || strncmp(arg, "-std=", 5) == 0 ||
	    strncmp(arg, "-f", 2) == 0 || strncmp(arg, "-m", 2) == 0 ||
	    strncmp(arg, "-W", 2) == 0 || strncmp(arg, "-O", 2) == 0 ||
	    strncmp(arg, "-g", 2) == 0 || strcmp(arg, "-nostdinc") == 0 ||
	    strcmp(arg, "-undef") == 0 || strcmp(arg, "-pipe") == 0 || strcmp(arg, "-ansi") == 0 ||
	    strcmp(arg, "-P") == 0 || strncmp(arg, "--sysroot", 9) == 0 ||
	    strncmp(arg, "-x", 2) == 0 || strcmp(arg, "-traditional-cpp") == 0) {
		cpp_add(arg);
		return true;
	}
	return false;
}

static bool
option_row_apply(int argc, char **argv, int *i)
{
	for (size_t k = 0; k < sizeof(option_rows) / sizeof(option_rows[0]); k++) {
		const struct option_row *row = &option_rows[k];

		if (strcmp(argv[*i], row->name) != 0)
			continue;
		if (row->value != NULL)
			*row->value = option_value(argc, argv, i);
		else
			*row->flag = row->set;
		return true;
	}
	return false;
}

static void
option_unknown(const char *arg)
{
	const char *names[sizeof(option_rows) / sizeof(option_rows[0])];
	const char *near;
	size_t n = 0;

	for (size_t k = 0; k < sizeof(option_rows) / sizeof(option_rows[0]); k++)
		names[n++] = option_rows[k].name;
	near = nearest_name(arg, names, n);
	fprintf(stderr, "mig: error: unknown option '%s'\n", arg);
	if (near != NULL)
		fprintf(stderr, "    help: did you mean '%s'?\n", near);
	exit(2);
}

static void
options_parse(int argc, char **argv, int first)
{
	for (int i = first; i < argc; i++) {
		const char *arg = argv[i];

		if (arg[0] != '-' || arg[1] == '\0') {
			run.inputs[run.input_count++] = arg;
			continue;
		}
		if (option_information(arg))
			exit(0);
		if (!option_row_apply(argc, argv, &i) && !option_long(arg) &&
		    !option_for_cpp(argc, argv, &i))
			option_unknown(arg);
	}
	if (run.dependency_file != NULL)
		run.dependencies = true;
}

static const char *
default_compiler(void)
{
	static const char *const variables[] = { "MIGCC", "CPP", "CC" };

	for (size_t i = 0; i < 3; i++) {
		const char *value = getenv(variables[i]);

		if (value != NULL && value[0] != '\0')
			return value;
	}
	return "cc";
}

int
main(int argc, char **argv)
{
	bool diff = argc > 1 && strcmp(argv[1], "diff") == 0;
	int status = 0;

	diag.out = stderr;
	diag.error_limit = 50;
	diag.warning_limit = 500;
	run.cpp_args = mig_alloc(((size_t)argc + 2) * sizeof(*run.cpp_args));
	run.inputs = mig_alloc(((size_t)argc + 1) * sizeof(*run.inputs));
	options_parse(argc, argv, diff ? 2 : 1);
	if (run.compiler == NULL)
		run.compiler = default_compiler();
	if (diff && run.input_count != 2) {
		fputs("usage: mig diff [options] OLD.defs NEW.defs\n", stderr);
		return 2;
	}
	if (diff)
		return run_diff(run.inputs[0], run.inputs[1]);
	/* Without a file the preprocessed text comes on standard input. */
	if (run.input_count == 0)
		run.inputs[run.input_count++] = "-";
	for (size_t i = 0; run.inputs[i] != NULL; i++)
		if (compile_file(run.inputs[i]) != 0)
			status = 1;
	mig_arena_destroy();
	return status;
}
