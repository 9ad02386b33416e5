package adopt

import (
	"strings"
)

// token is a piece of SQL: a word or number, something in quotes, or one byte of anything else.
type token struct{ start, end int }

// tokens splits SQL, without blanks and comments.
func tokens(sql string) []token {
	var list []token
	for at := 0; at < len(sql); {
		start := at
		switch c := sql[at]; {
		case c == ' ' || c >= '\t' && c <= '\r':
			at++
			continue
		case strings.HasPrefix(sql[at:], "--"):
			at = after(sql, at, "\n")
			continue
		case strings.HasPrefix(sql[at:], "/*"):
			at = after(sql, at+2, "*/")
			continue
		case c == '\'' || c == '"' || c == '`':
			at = quoted(sql, at, c)
		case c == '[':
			at = after(sql, at, "]")
		case isWord(c):
			for at < len(sql) && isWord(sql[at]) {
				at++
			}
		default:
			at++
		}
		list = append(list, token{start, at})
	}
	return list
}

func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// after is where the text behind the next end begins.
func after(sql string, at int, end string) int {
	if i := strings.Index(sql[at:], end); i >= 0 {
		return at + i + len(end)
	}
	return len(sql)
}

// quoted is where the text behind a quoted piece begins; a doubled quote stands for itself.
func quoted(sql string, at int, quote byte) int {
	for at++; at < len(sql); at++ {
		if sql[at] != quote {
			continue
		}
		if at+1 < len(sql) && sql[at+1] == quote {
			at++
			continue
		}
		return at + 1
	}
	return at
}

// indexText is what the text of a CREATE INDEX says of its terms, without collation and direction, and of its rows.
func indexText(sql string) (terms []string, where string) {
	list := tokens(sql)
	is := func(i int, word string) bool {
		return i >= 0 && i < len(list) && strings.EqualFold(sql[list[i].start:list[i].end], word)
	}
	open := 0
	for open < len(list) && !is(open, "(") {
		open++
	}
	depth, first := 0, open+1
	for i := open; i < len(list); i++ {
		switch {
		case is(i, "("):
			depth++
		case is(i, ")"):
			depth--
		}
		if depth > 1 || depth == 1 && !is(i, ",") {
			continue
		}
		last := i - 1
		if is(last, "ASC") || is(last, "DESC") {
			last--
		}
		if is(last-1, "COLLATE") {
			last -= 2
		}
		if first <= last {
			terms = append(terms, sql[list[first].start:list[last].end])
		}
		first = i + 1
		if depth == 0 {
			if is(i+1, "WHERE") && i+2 < len(list) {
				where = sql[list[i+2].start:list[len(list)-1].end]
			}
			break
		}
	}
	return terms, where
}

// quote makes a name of anything.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// names reads a list of quoted names, as quote made them, from the start of a text.
func names(sql string) []string {
	var list []string
	for strings.HasPrefix(sql, `"`) {
		end := quoted(sql, 0, '"')
		if end < 2 {
			return list
		}
		list = append(list, strings.ReplaceAll(sql[1:end-1], `""`, `"`))
		if !strings.HasPrefix(sql[end:], ", ") {
			return list
		}
		sql = sql[end+2:]
	}
	return list
}
