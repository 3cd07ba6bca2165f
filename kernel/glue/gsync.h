/* SPDX-License-Identifier: BSD-2-Clause */
/* gsync -- waiting on words of user memory (ABI sheet 9.1). */
#ifndef GLUE_GSYNC_H
#define GLUE_GSYNC_H

void gsync_module_init(void);

#endif
