/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * entry -- from the boot loader's 32-bit protected mode to arch_start in
 * long mode at the kernel's own addresses.
 *
 * Two ways in, both with paging off, interrupts off, flat segments:
 *   Multiboot2 (GRUB, BIOS and UEFI)   EAX magic, EBX -> information
 *   PVH (QEMU -kernel)                 EBX -> hvm_start_info
 * The tables built here map the first 4 GiB three times: at 0 (until
 * arch_start drops it), at the direct map, and the first GiB at KERNEL_BASE.
 */
#define KERNEL_BASE	0xffffffff80000000
#define PHYS(symbol)	((symbol) - KERNEL_BASE)

#define MB2_MAGIC	0xe85250d6
#define MB2_BOOT_MAGIC	0x36d76289
#define PVH_MAGIC	0x336ec578

#define CR0_PE		0x1
#define CR0_MP		0x2
#define CR0_PG		0x80000000
#define CR4_PAE		0x20
#define EFER		0xc0000080
#define EFER_LME	0x100
#define PTE_PW		0x3
#define PTE_PWS		0x83		/* present, writable, 2 MiB */

	.section .boot.header, "a"
	.balign 8
multiboot2_header:
	.long MB2_MAGIC
	.long 0				/* i386 protected mode */
	.long multiboot2_end - multiboot2_header
	.long -(MB2_MAGIC + 0 + (multiboot2_end - multiboot2_header))
	/* Entry point. */
	.balign 8
	.short 3, 0
	.long 12
	.long PHYS(multiboot2_entry)
	/* Modules on page boundaries. */
	.balign 8
	.short 6, 0
	.long 8
	/* Console: text wanted if there is one, graphics understood. */
	.balign 8
	.short 4, 1
	.long 12
	.long 2
	/* Frame buffer: any size, 32 bits; optional. */
	.balign 8
	.short 5, 1
	.long 20
	.long 0, 0, 0
	.balign 8
	.short 0, 0
	.long 8
multiboot2_end:

	/* XEN_ELFNOTE_PHYS32_ENTRY: QEMU starts a -kernel ELF here. */
	.section .note.pvh, "a", @note
	.balign 4
	.long 4, 8, 18
	.asciz "Xen"
	.quad PHYS(pvh_entry)

	.section .boot.text, "ax"
	.code32
	.globl multiboot2_entry
multiboot2_entry:
	cmpl $MB2_BOOT_MAGIC, %eax
	jne no_loader
	movl $MB2_BOOT_MAGIC, %edi
	jmp common_entry

	.globl pvh_entry
pvh_entry:
	movl $PVH_MAGIC, %edi

common_entry:
	cld
	movl %ebx, %esi
	movl $PHYS(boot_stack_end), %esp
	call check_long_mode

	/* Clear the page tables (the loader cleared .bss, but be sure). */
	pushl %edi
	movl $PHYS(boot_pml4), %edi
	movl $(7 * 4096 / 4), %ecx
	xorl %eax, %eax
	rep stosl
	popl %edi

	/* Four page directories: 4 GiB in 2 MiB pages. */
	movl $PHYS(boot_pd), %ebx
	movl $PTE_PWS, %eax
	movl $2048, %ecx
1:	movl %eax, (%ebx)
	addl $0x200000, %eax
	addl $8, %ebx
	loop 1b

	movl $(PHYS(boot_pd) + PTE_PW), %eax
	movl %eax, PHYS(boot_pdpt)
	movl %eax, PHYS(boot_pdpt_high) + 510 * 8
	addl $0x1000, %eax
	movl %eax, PHYS(boot_pdpt) + 8
	addl $0x1000, %eax
	movl %eax, PHYS(boot_pdpt) + 16
	addl $0x1000, %eax
	movl %eax, PHYS(boot_pdpt) + 24

	movl $(PHYS(boot_pdpt) + PTE_PW), PHYS(boot_pml4)
	movl $(PHYS(boot_pdpt) + PTE_PW), PHYS(boot_pml4) + 256 * 8
	movl $(PHYS(boot_pdpt_high) + PTE_PW), PHYS(boot_pml4) + 511 * 8

	movl $PHYS(boot_pml4), %eax
	movl %eax, %cr3
	movl %cr4, %eax
	orl $CR4_PAE, %eax
	movl %eax, %cr4
	movl $EFER, %ecx
	rdmsr
	orl $EFER_LME, %eax
	wrmsr
	movl %cr0, %eax
	orl $(CR0_PG | CR0_PE | CR0_MP), %eax
	movl %eax, %cr0

	lgdt PHYS(boot_gdt_pointer)
	ljmp $0x08, $PHYS(long_entry)

no_loader:
	movl $PHYS(text_no_loader), %esi
	jmp die
no_long_mode:
	movl $PHYS(text_no_long_mode), %esi
	jmp die

/* Say %esi on COM1 and the text screen, and stop. */
die:
	movl $0xb8000, %edi
1:	lodsb
	testb %al, %al
	jz 3f
	movb %al, (%edi)
	movb $0x4f, 1(%edi)
	addl $2, %edi
	movb %al, %bl
	movw $0x3fd, %dx
	movl $0x10000, %ecx
2:	inb %dx, %al
	testb $0x20, %al
	loopz 2b
	movb %bl, %al
	movw $0x3f8, %dx
	outb %al, %dx
	jmp 1b
3:	cli
	hlt
	jmp 3b

/* CPUID there (flag ID can be changed) and its long mode bit set? */
check_long_mode:
	pushl %edi
	pushfl
	popl %eax
	movl %eax, %ecx
	xorl $(1 << 21), %eax
	pushl %eax
	popfl
	pushfl
	popl %eax
	cmpl %eax, %ecx
	je no_long_mode
	movl $0x80000000, %eax
	cpuid
	cmpl $0x80000001, %eax
	jb no_long_mode
	movl $0x80000001, %eax
	cpuid
	testl $(1 << 29), %edx
	jz no_long_mode
	popl %edi
	ret

	.code64
long_entry:
	xorl %eax, %eax
	movw %ax, %ss
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %fs
	movw %ax, %gs
	movabsq $high_entry, %rax
	jmpq *%rax

	.text
high_entry:
	movq $boot_stack_end, %rsp
	movl %edi, %edi
	movl %esi, %esi
	xorl %ebp, %ebp
	/* arch_start(magic, physical address of the loader's information) */
	callq arch_start
	ud2

	.section .boot.data, "a"
text_no_loader:
	.asciz "Portolan: not started by Multiboot2 or PVH. Stopped.\r\n"
text_no_long_mode:
	.asciz "Portolan: this CPU has no 64-bit mode. Stopped.\r\n"
	.balign 8
boot_gdt:
	.quad 0
	.quad 0x00af9a000000ffff	/* 64-bit code */
	.quad 0x00cf92000000ffff	/* data */
boot_gdt_pointer:
	.short boot_gdt_pointer - boot_gdt - 1
	.long PHYS(boot_gdt)

	.bss
	.balign 4096
	.globl boot_pml4
boot_pml4:	.skip 4096
boot_pdpt:	.skip 4096
boot_pdpt_high:	.skip 4096
boot_pd:	.skip 4 * 4096
	.balign 4096
	.globl boot_stack
boot_stack:	.skip 16384
	.globl boot_stack_end
boot_stack_end:

	.section .note.GNU-stack, "", @progbits
