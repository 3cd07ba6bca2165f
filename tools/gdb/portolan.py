# SPDX-License-Identifier: BSD-2-Clause
"""gdb commands for a running Portolan (./run --gdb; gdb -x tools/gdb/portolan.py).

portolan tasks          tasks: name, state, threads, names in use
portolan threads [TASK] threads: where they are, what they wait for
portolan ports TASK     names of a task: rights, the ports behind them
portolan queue PORT     messages queued on a port or port set
portolan cpus           what each CPU runs
portolan stack THREAD   kernel stack of a thread that is switched out with one

TASK is a task's name or the address of its struct; PORT and THREAD addresses.
"""
import gdb

TYPES = ((0x10000, "send"), (0x20000, "receive"), (0x40000, "send-once"),
         (0x80000, "port-set"), (0x100000, "dead-name"))


def pointer(value):
    return int(value.cast(gdb.lookup_type("unsigned long")))


def symbol(name):
    return gdb.parse_and_eval(name)


def struct_at(kind, address):
    return gdb.Value(address).cast(gdb.lookup_type("struct " + kind).pointer()).dereference()


def offset_of(kind, member):
    null = gdb.Value(0).cast(gdb.lookup_type("struct " + kind).pointer())
    field = null.dereference()
    for part in member.split("."):
        field = field[part]
    return int(field.address.cast(gdb.lookup_type("unsigned long")))


def elements(head, kind, member):
    """The structures on a kern/list.h list; stops when a list is broken."""
    start, offset = pointer(head.address), offset_of(kind, member)
    node, seen = pointer(head["next"]), 0
    while node not in (start, 0) and seen < 1000000:
        yield struct_at(kind, node - offset)
        node = pointer(struct_at("list", node)["next"])
        seen += 1


def text(array):
    return array.string(errors="replace") if int(array[0]) else "-"


def enum_name(value, prefix, kind):
    for field in gdb.lookup_type("enum " + kind).fields():
        if field.enumval == int(value):
            return field.name[len(prefix):].lower()
    return str(int(value))


def all_tasks():
    head = symbol("'task.c'::tasks")
    return elements(head, "task", "k_link")


def find_task(word):
    for task in all_tasks():
        if text(task["k_name"]) == word:
            return task
    try:
        return struct_at("task", int(gdb.parse_and_eval(word)))
    except gdb.error:
        raise gdb.GdbError(f"no task named {word}")


def function_at(address):
    block = gdb.block_for_pc(address)
    while block is not None and block.function is None:
        block = block.superblock
    return block.function.name if block is not None else hex(address)


def wait_of(thread):
    """What a thread is doing, in words."""
    waiter = thread["ipc"]["ith_waiter"]
    if int(thread["t_on_cpu"]) >= 0:
        return f"on CPU {int(thread['t_on_cpu'])}"
    if bool(thread["t_frozen"]):
        return "stopped"
    if bool(thread["t_queued"]):
        return f"ready, priority {int(thread['t_priority'])}"
    continuation = pointer(waiter["w_continuation"])
    how = f"then {function_at(continuation)}" if continuation else "with its stack"
    event = pointer(waiter["w_event"])
    what = f" at {event:#x}" if event else ""
    return f"waits{what}, {how}"


def threads_of(task):
    return elements(task["k_threads"], "thread", "t_task_link")


class Portolan(gdb.Command):
    """Look at Portolan's kernel objects: tasks, threads, ports, queues, cpus, stack."""

    def __init__(self):
        super().__init__("portolan", gdb.COMMAND_DATA, prefix=True)


class Command(gdb.Command):
    name = ""

    def __init__(self):
        super().__init__("portolan " + self.name, gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        self.run(gdb.string_to_argv(argument))


class Tasks(Command):
    """All tasks."""
    name = "tasks"

    def run(self, words):
        print(f"{'task':<18} {'name':<24} {'state':<6} {'threads':>7} {'names':>6} suspended")
        for task in all_tasks():
            state = enum_name(task["k_state"], "TASK_", "task_state")
            space = pointer(task["k_space"])
            names = int(struct_at("ipc_space", space)["is_names"]) if space else 0
            print(f"{pointer(task.address):#018x} {text(task['k_name']):<24} {state:<6} "
                  f"{int(task['k_thread_count']):>7} {names:>6} {int(task['k_suspend_count'])}")


class Threads(Command):
    """Threads of all tasks or of one."""
    name = "threads"

    def run(self, words):
        for task in [find_task(words[0])] if words else all_tasks():
            print(f"{text(task['k_name'])}:")
            for thread in threads_of(task):
                rip = int(thread["pcb"]["r"]["rip"])
                print(f"  {pointer(thread.address):#018x} user rip {rip:#x}: {wait_of(thread)}")


def describe_object(address):
    """One port or port set, in words."""
    if address == 0:
        return "dead"
    common = struct_at("ipc_object", address)
    if bool(common["o_is_set"]):
        members = sum(1 for _ in elements(struct_at("ipc_pset", address)["ips_members"],
                                          "ipc_port", "ip_set_link"))
        return f"port set {address:#x}, {members} members"
    port = struct_at("ipc_port", address)
    words = [f"port {address:#x}"]
    if int(common["o_kind"]) != 0:
        words.append("kernel " + enum_name(common["o_kind"], "IKOT_", "ipc_kobject_type"))
    words.append(f"{int(port['ip_srights'])} send, {int(port['ip_sorights'])} once")
    if int(port["ip_msgcount"]):
        words.append(f"{int(port['ip_msgcount'])} queued")
    if not bool(common["o_active"]):
        words.append("dead")
    return ", ".join(words)


def entries_of(space):
    chunk_size = 128
    for chunk in range(int(space["is_slots"]) // chunk_size):
        base = space["is_chunks"][chunk]
        for slot in range(chunk_size):
            yield base[slot]


class Ports(Command):
    """Names of one task."""
    name = "ports"

    def run(self, words):
        if not words:
            raise gdb.GdbError("portolan ports TASK")
        space = find_task(words[0])["k_space"].dereference()
        for entry in entries_of(space):
            bits = int(entry["ie_bits"])
            rights = "+".join(name for bit, name in TYPES if bits & bit)
            if rights:
                print(f"  {int(entry['ie_name']):>10} {rights:<12} refs {bits & 0xffff:<5} "
                      f"{describe_object(pointer(entry['ie_object']))}")
        if int(space["is_side_count"]):
            print(f"  and {int(space['is_side_count'])} names outside the slots")


class Queue(Command):
    """Messages queued on a port or port set."""
    name = "queue"

    def run(self, words):
        if not words:
            raise gdb.GdbError("portolan queue ADDRESS")
        address = int(gdb.parse_and_eval(words[0]))
        print(describe_object(address))
        if bool(struct_at("ipc_object", address)["o_is_set"]):
            queue = struct_at("ipc_pset", address)["ips_messages"]
            messages = elements(queue, "ipc_kmsg", "km_set_link")
        else:
            messages = elements(struct_at("ipc_port", address)["ip_messages"], "ipc_kmsg", "km_link")
        for kmsg in messages:
            header = kmsg["km_header"]
            print(f"  {pointer(kmsg.address):#018x} id {int(header['mh_id'])} "
                  f"{int(header['mh_size'])} bytes, bits {int(header['mh_bits']):#x}, "
                  f"reply {pointer(header['mh_local']):#x}")


class Cpus(Command):
    """What each CPU runs."""
    name = "cpus"

    def run(self, words):
        blocks = symbol("'cpu.c'::cpu_blocks")
        for number in range(int(symbol("cpu_found"))):
            block = blocks[number].dereference()
            thread = pointer(block["current"])
            task = "-"
            if thread:
                owner = pointer(struct_at("thread", thread)["t_task"])
                task = text(struct_at("task", owner)["k_name"]) if owner else "idle"
            print(f"  CPU {number}: thread {thread:#x} ({task}), ticks {int(block['ticks'])}, "
                  f"ast {int(block['ast'])}")


class Stack(Command):
    """Kernel stack of a thread that was switched out with one."""
    name = "stack"

    def run(self, words):
        if not words:
            raise gdb.GdbError("portolan stack THREAD")
        pcb = struct_at("thread", int(gdb.parse_and_eval(words[0])))["pcb"]
        if int(pcb["kernel_stack"]) == 0:
            raise gdb.GdbError("it has no kernel stack")
        # context_swap pushed RBX, RBP, R12-R15 below the return address.
        word = gdb.Value(int(pcb["kernel_rsp"])).cast(gdb.lookup_type("unsigned long").pointer())
        frame, rip, end = int(word[4]), int(word[6]), int(pcb["kernel_stack"])
        while True:
            print(f"  {rip:#018x} {function_at(rip)}")
            if not end - 16384 <= frame <= end - 16:
                break
            link = gdb.Value(frame).cast(gdb.lookup_type("unsigned long").pointer())
            frame, rip = int(link[0]), int(link[1])
            if rip == 0:
                break


Portolan()
for command in (Tasks, Threads, Ports, Queue, Cpus, Stack):
    command()
