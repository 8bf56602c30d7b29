/* SPDX-License-Identifier: MIT */
/* A command line into commands, a command into words. What stands between ' and ', or " and ", is
 * taken as it is; the quotes themselves go. Both write into the text. */
#ifndef LIB_WORDS_H
#define LIB_WORDS_H

/* Ends the first command of text at its ; and returns what is behind it, NULL: nothing. */
char *words_next_command(char *text);
/* Splits at blanks. How many words; -E2BIG: more than max; -EINVAL: a quote is not closed. */
int words_split(char *text, char **words, unsigned max);

#endif
