// Package safe makes untrusted text safe to draw in a terminal and to print.
//
// Everything that comes from a record, a file, another person or an error message goes through [Text], or through
// [Value] if it is a JSON value; both give a [Cell]. A cell holds nothing that a terminal obeys: no control character
// of C0 or C1, no escape sequence, no character that is invisible or turns the direction of writing, no byte that is
// not UTF-8.
//
// Nothing is taken out. What cannot be drawn is escaped, so that it is seen, and so that [Unescape] finds the way back
// to the same bytes. Two texts that differ in one byte never give the same cell:
//
//	\\                  a backslash
//	\n \r \t \e         line feed, carriage return, tab, escape
//	\s                  a space at the start or the end of a text, where it would not be seen
//	\x07                any other control character of ASCII; from \x80 on, a byte that is not valid UTF-8
//	\u{202e}            any other character that is not drawn, by its code point
//	\"                  a quotation mark, inside quotation marks
//
// Marks that are put on a letter are drawn up to four deep; the rest are escaped, so that they cannot pile up over
// the lines above and below.
//
// What a cell cannot tell is which of two letters of different alphabets that look the same is meant, or that two
// ways of composing the same letter are in play. [Difference] says so in words.
package safe
