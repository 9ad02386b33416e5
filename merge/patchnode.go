package merge

import (
	"slices"
	"strconv"
	"strings"
)

// node is one value of a document that is being patched. It is text until a step goes into it.
type node struct {
	text    []byte // canonical; nil once it was opened
	array   bool
	members []nodeMember // of an object sorted by key, of an array in order
}

// nodeMember is one member of an object, or an element of an array, which has no key.
type nodeMember struct {
	key  string
	node *node
}

// open takes a container apart, one level of it; false for any other value.
func (n *node) open() bool {
	if n.text == nil {
		return true
	}
	switch {
	case isObject(n.text):
		members(n.text, func(key, value []byte) bool {
			n.members = append(n.members, nodeMember{string(unescape(key[1 : len(key)-1])), &node{text: value}})
			return true
		})
	case isArray(n.text):
		n.array = true
		elements(n.text, func(e []byte) bool {
			n.members = append(n.members, nodeMember{node: &node{text: e}})
			return true
		})
	default:
		return false
	}
	n.text = nil
	return true
}

// at is the value at a path below n, or why there is none.
func (n *node) at(path string) (*node, string) {
	for path != "" {
		var token, reason string
		token, path = cutToken(path)
		if !n.open() {
			return nil, "it goes through a value that has no members"
		}
		if n, reason = n.child(token); reason != "" {
			return nil, reason
		}
	}
	return n, ""
}

// child is a member of an open container.
func (n *node) child(token string) (*node, string) {
	if n.array {
		i, reason := n.index(token, false)
		if reason != "" {
			return nil, reason
		}
		return n.members[i].node, ""
	}
	i, found := n.find(token)
	if !found {
		return nil, "there is nothing here"
	}
	return n.members[i].node, ""
}

// find is where a member of an open object stands, or would.
func (n *node) find(key string) (int, bool) {
	return slices.BinarySearchFunc(n.members, key, func(m nodeMember, key string) int { return strings.Compare(m.key, key) })
}

// index is the place in an open array that a token means; the one after the last where something is to be inserted.
func (n *node) index(token string, insert bool) (int, string) {
	most := len(n.members) - 1
	if insert {
		most++
		if token == "-" {
			return most, ""
		}
	}
	i, err := strconv.Atoi(token)
	switch {
	case err != nil || strconv.Itoa(i) != token || i < 0:
		return 0, "an element of an array goes by its index"
	case i > most:
		return 0, "the array is not so long"
	}
	return i, ""
}

// append writes the value as canonical text.
func (n *node) append(dst []byte) []byte {
	if n.text != nil {
		return append(dst, n.text...)
	}
	first, last := byte('{'), byte('}')
	if n.array {
		first, last = '[', ']'
	}
	dst = append(dst, first)
	for i, m := range n.members {
		if i > 0 {
			dst = append(dst, ',')
		}
		if !n.array {
			dst = append(appendString(dst, []byte(m.key)), ':')
		}
		dst = m.node.append(dst)
	}
	return append(dst, last)
}
