/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session_tty -- what the process half calls about controlling terminals.
 *
 * Locks: master lock.
 */
#ifndef BSD_VFS_SESSION_TTY_H
#define BSD_VFS_SESSION_TTY_H

struct session;

/*
 * The session's leader exits: its controlling terminal, if any, is hung up
 * (SIGHUP to the foreground group, open files cut off) and is free for the
 * next session.
 */
void tty_hangup_session(struct session *session);

#endif /* BSD_VFS_SESSION_TTY_H */
