#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# A working day of a shell: runs on Linux and on Portolan, with busybox sh and
# with bash, and prints the same (script.expected was made on Linux by
# make-expected).  Nothing here may depend on time, process numbers, the order
# of a directory or the machine.
#
set -u
export LC_ALL=C TZ=UTC
umask 022
work=${TMPDIR:-/tmp}/script-test
rm -rf "$work"
mkdir -p "$work"
cd "$work" || exit 1

section() {
	echo "== $*"
}

section "expansions and arithmetic"
name=portolan
echo "${name} ${#name} ${name#port} ${name%lan} ${undefined:-default} ${name:+set}"
echo $((6 * 7)) $((1 << 20)) $((-17 / 5)) $((-17 % 5)) $((0x1f + 010))
i=0
while [ $i -lt 5 ]; do
	i=$((i + 1))
	[ $i -eq 3 ] && continue
	printf '%d:%03d ' $i $((i * i))
done
echo
for w in one "two words" three; do
	echo "[$w]"
done
case $name in
p*n) echo "case matched" ;;
*) echo "case failed" ;;
esac
set -- a b c
shift
echo "$# $1 $*"
echo 'single $quotes' "double \$quotes" back\\slash
printf '%s|%5s|%-5s|%x|%o|%c\n' str right left 255 8 char

section "functions and recursion"
fact() {
	if [ "$1" -le 1 ]; then
		echo 1
	else
		echo $(($1 * $(fact $(($1 - 1)))))
	fi
}
fact 10
status() {
	return "$1"
}
status 7
echo "status $?"
(exit 42)
echo "subshell $?"
false || echo "or"
true && echo "and"
! true
echo "not $?"

section "here-documents"
cat <<END
expanded $name $((2 + 3)) $(echo inner)
END
cat <<'END'
not expanded $name $((2 + 3)) $(echo inner)
END
cat <<-END
	tabs are removed
END
tr a-z A-Z <<END | sed 's/^/> /'
through a pipe
END
{
	cat <<A
first
A
	cat <<B
second
B
} | cat -n

section "command substitution"
words=$(echo one two three | wc -w)
echo "words: $((words))"
echo "nested: $(echo $(echo $(echo deep)))"
lines=$(printf 'x\ny\n\n\n')
echo "[$lines]"
echo "`echo backquotes`"

section "redirection"
echo first > file
echo second >> file
cat < file
exec 3< file
read -r line <&3
echo "fd 3: $line"
exec 3<&-
{ echo out; echo err >&2; } > out 2> err
cat out err
{ echo both; echo both >&2; } > both 2>&1
cat both
ls no-such-file > /dev/null 2>&1
echo "ls: $((! ! $?))"
exec 4> four
echo "to four" >&4
exec 4>&-
cat four
: > empty
wc -c < empty
(set -C; echo x > empty) 2> /dev/null || echo "noclobber"

section "a tree of 2000 files"
mkdir tree
d=0
while [ $d -lt 20 ]; do
	mkdir -p tree/dir$d/sub
	f=0
	while [ $f -lt 50 ]; do
		echo "dir $d file $f" > tree/dir$d/file$f.txt
		echo "$((d * f)) data" > tree/dir$d/sub/data$f.dat
		f=$((f + 1))
	done
	d=$((d + 1))
done
find tree -type f | wc -l
find tree -type d | wc -l
find tree -name 'file7.txt' | sort | head -3
find tree -type f -name '*.txt' | xargs cat | sort | md5sum
find tree -type f | sort | xargs md5sum | md5sum
find tree -name '*.dat' | sort | xargs -n 100 cat | awk '{ s += $1 } END { print s }'
grep -rl 'file 33$' tree | sort | tail -2
grep -rc 'dir 7 ' tree/dir7 | grep -v ':0$' | wc -l
du -s tree > /dev/null && echo "du fine"

section "tar and gzip"
tar -cf - tree | gzip > tree.tar.gz
mkdir copy
gzip -dc tree.tar.gz | tar -xf - -C copy
diff -r tree copy/tree && echo "no difference"
tar -tzf tree.tar.gz | wc -l
tar -tzf tree.tar.gz | sort | md5sum
cp -r tree second
rm -rf second/dir3
(cd tree && find . | sort) > list1
(cd second && find . | sort) > list2
diff list1 list2 | grep -c dir3
mv second third
ls third | wc -l
rm -rf third copy
ls -d third copy 2> /dev/null | wc -l

section "text tools"
seq 1 1000 | awk '{ s += $1; q += $1 * $1 } END { print s, q }'
seq 1 20 | sed -n '5,7p;$p'
seq 1 10 | sed 's/\([0-9]\)$/<\1>/' | tr '\n' ' '
echo
printf 'pear 3\napple 10\nfig 2\nbanana 7\n' > fruit
sort fruit
sort -k2n fruit | head -1
sort -r fruit | cut -d' ' -f1 | paste -s -d, -
awk '$2 > 5 { print NR ": " toupper($1) }' fruit
awk 'BEGIN { for (i = 0; i < 5; i++) a[i] = i * i; for (i in a) n++; print n, a[4], length("hello"), substr("hello", 2, 3) }'
awk -F'[ :]' '{ printf "%-8s|%4d|\n", $1, $2 }' fruit
printf 'a\nb\na\nc\nb\na\n' | sort | uniq -c | sort -rn | awk '{ print $1, $2 }'
echo "hello world" | sed -e 's/o/0/g' -e 'y/hl/HL/'
grep -n -e 'an' -e 'ig' fruit
grep -v 'a' fruit
echo "one:two:three" | tr ':' '\n' | tail -n 1
od -An -c fruit | head -2
expr 12 \* 12
basename /usr/lib/x.so .so
dirname /usr/lib/x.so
cmp fruit fruit && echo same
head -c 100000 /dev/zero | md5sum
yes | head -n 5000 | wc -l

section "background jobs and wait"
sleep 0.2 &
first=$!
(sleep 0.1; exit 3) &
second=$!
wait $first
echo "first $?"
wait $second
echo "second $?"
for n in 1 2 3 4 5; do
	(echo "job $n" > job$n) &
done
wait
cat job1 job2 job3 job4 job5
(exit 9) & wait $!
echo "nine $?"

section "traps and signals"
trap 'echo "got USR1"' USR1
kill -USR1 $$
trap 'echo "got USR2"' USR2
kill -USR2 $$
trap - USR1
sh -c 'trap "echo leaving" EXIT; echo working'
sh -c 'kill -TERM $$; echo unreached'
echo "term $?"
sh -c 'kill -9 $$'
echo "kill $?"
sh -c 'trap "" TERM; kill -TERM $$; echo ignored'
(trap 'echo "child trap"; exit 5' TERM; kill -TERM $(exec sh -c 'echo $PPID'); sleep 1)
echo "trapped $?"
sleep 10 &
kill $!
wait $!
echo "killed $?"

section "pipelines"
seq 1 100000 | sort -n | tail -1
echo start | cat | cat | cat | cat | cat | cat | cat | cat | cat | cat
yes | head -1
seq 1 5 | while read -r n; do printf '%s ' $((n * n)); done
echo
(exit 4) | true
echo "last $?"
mkfifo fifo
cat fifo > from-fifo &
echo "through a fifo" > fifo
wait
cat from-fifo
head -c 1000000 /dev/zero | tee zeros | wc -c
wc -c < zeros
dd if=zeros of=dd bs=1000 count=5 skip=2 2> /dev/null
wc -c < dd

section "links, modes, times"
ln -s file link
readlink link
ln file hard
[ file -ef hard ] && echo "same file"
chmod 640 file
ls -l file | cut -c1-10
chmod u+x,g-r file
ls -l file | cut -c1-10
touch -d '2001-02-03 04:05:06' file
date -r file '+%Y-%m-%d %H:%M:%S'
[ file -nt fruit ] || echo "older"
ln -s loop loop
cat loop 2> /dev/null || echo "loop refused"
rm link hard loop
mkdir -p a/b/c
(cd a/b/c && cd ../.. && pwd | sed "s,$work,WORK,")
rmdir a 2> /dev/null || echo "not empty"
rmdir -p a/b/c && ls -d a 2> /dev/null || echo "gone"
stat -c '%s %F' file
test -s empty || echo "empty file"

section "environment and exec"
FOO=bar sh -c 'echo $FOO'
env -i X=1 sh -c 'echo ${X}${FOO:-none}'
sh -c 'exec echo "replaced"; echo unreached'
printf '#!/bin/sh\necho "script $0 $1"\n' > script
chmod +x script
./script argument
printf 'echo "no hash bang $1"\n' > plain
sh ./plain works
./missing 2> /dev/null
echo "missing $?"
./fruit 2> /dev/null
echo "no permission $?"
(cd /; echo $PWD)
eval 'echo "eval $name"'
. ./plain sourced
id -u > /dev/null && echo "id fine"
ulimit -n > /dev/null && echo "ulimit fine"

cd /
rm -rf "$work"
section "end"
