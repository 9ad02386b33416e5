package adopt

import (
	"strconv"
	"strings"
)

// checks finds what a CREATE TABLE says as CHECK (column IN (literal, …)), by the column's name in small letters. Whatever is
// said in another way is not understood, and left to the database. With a collation two texts may be one.
func checks(sql string) map[string][]any {
	found := map[string][]any{}
	list := tokens(sql)
	word := func(i int) string {
		if i >= len(list) {
			return ""
		}
		return sql[list[i].start:list[i].end]
	}
	is := func(i int, text string) bool { return strings.EqualFold(word(i), text) }
	for i := range list {
		if is(i, "COLLATE") {
			return nil
		}
	}
	for i := range list {
		if !is(i, "CHECK") || !is(i+1, "(") || !is(i+3, "IN") || !is(i+4, "(") {
			continue
		}
		at, values, understood := i+5, []any(nil), true
		for understood && !is(at, ")") {
			var value any
			if value, at, understood = literalAt(word, at); understood {
				values = append(values, value)
				if is(at, ",") {
					at++
				}
			}
		}
		if name := unquote(word(i + 2)); understood && is(at+1, ")") && len(values) > 0 {
			found[strings.ToLower(name)] = values
		}
	}
	return found
}

// literalAt reads a text or a number, and returns the place behind it.
func literalAt(word func(int) string, at int) (value any, next int, ok bool) {
	text := word(at)
	if strings.HasPrefix(text, "'") {
		return unquote(text), at + 1, true
	}
	if text == "-" || text == "+" {
		at++
		text += word(at)
	}
	for at++; word(at) == "." || strings.HasSuffix(text, ".") && word(at) != "" && word(at)[0] <= '9' && isWord(word(at)[0]); at++ {
		text += word(at)
	}
	if strings.Trim(text, "+-.") == "" || strings.TrimLeft(text, "+-.")[0] > '9' {
		return nil, at, false // a name
	}
	if n, err := strconv.ParseInt(strings.TrimPrefix(text, "+"), 10, 64); err == nil {
		return n, at, true
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, at, err == nil
}

// unquote is a name, or a text, without its quotes.
func unquote(word string) string {
	if len(word) < 2 {
		return word
	}
	switch q := word[:1]; q {
	case "'", `"`, "`":
		return strings.ReplaceAll(word[1:len(word)-1], q+q, q)
	case "[":
		return word[1 : len(word)-1]
	}
	return word
}
