/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one exec costs on this machine: the baseline of every per-exec figure (C8). */
int main(void)
{
	return 0;
}
