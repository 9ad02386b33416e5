package merge

import (
	"errors"
	"fmt"
	"strings"
)

// ErrAssignment is what the errors of [ParseAssignment] unwrap to.
var ErrAssignment = errors.New("not an assignment")

// ParseAssignment reads one change of a field as people type it, on the record as it is now (nil: there is none yet):
//
//	status=closed      set; the value takes the schema's type, else that of the current value, else text
//	zip:='"10115"'     set to JSON
//	visits+=1          a number grows (text that is no number: a set gains it)
//	tags-=cold         a set loses an element (a number: it shrinks)
//
// Errors unwrap to [ErrAssignment] or [ErrPath].
func ParseAssignment(text string, doc Document, rules *Rules) (Operation, error) {
	at := strings.IndexByte(text, '=')
	if at <= 0 {
		return Operation{}, fmt.Errorf("%w: %q: write FIELD=VALUE", ErrAssignment, text)
	}
	name, mode, typed := text[:at], byte('='), text[at+1:]
	if c := text[at-1]; c == '+' || c == '-' || c == ':' {
		name, mode = text[:at-1], c
	}
	path, err := ParsePath(name)
	if err != nil {
		return Operation{}, err
	}
	if path == "" {
		return Operation{}, fmt.Errorf("%w: %q: no field before the sign", ErrAssignment, text)
	}
	a := assignment{path: path, typed: typed, was: rules.Lookup(doc, path), declared: rules.at(path)}
	switch mode {
	case '=':
		v, err := a.value()
		return Operation{Verb: SetField, Path: path, Value: v, Was: a.was}, err
	case ':':
		v, err := a.json()
		return Operation{Verb: SetField, Path: path, Value: v, Was: a.was}, err
	}
	return a.step(mode)
}

type assignment struct {
	path, typed string
	was         Value
	declared    *Rule
}

// at returns the rule of a field, nil where there is none.
func (r *Rules) at(path string) *Rule {
	rule := r.root()
	for path != "" && rule != nil {
		var token string
		token, path = cutToken(path)
		if rule.isKeyed() {
			rule = rule.Items
		} else {
			rule = rule.member([]byte(token))
		}
	}
	return rule
}

func (a assignment) wrong(why string, args ...any) error {
	return fmt.Errorf("%w: %s: %s", ErrAssignment, PathLabel(a.path), fmt.Sprintf(why, args...))
}

// value reads the typed text as the field's type.
func (a assignment) value() (Value, error) {
	t := a.was.Type()
	if a.declared != nil && a.declared.Type != AbsentType {
		t = a.declared.Type
	}
	switch t {
	case AbsentType, NullType, StringType:
		return a.text()
	}
	v, err := a.json()
	if err != nil || v.Type() != t {
		article := "a"
		if t == ArrayType || t == ObjectType {
			article = "an"
		}
		return Absent, a.wrong("it is %s %s, not %q; write %s:=JSON to change the type", article, t, a.typed, PathLabel(a.path))
	}
	return v, nil
}

func (a assignment) text() (Value, error) {
	v, ok := StringValue(a.typed)
	if !ok {
		return Absent, a.wrong("the text is not valid UTF-8")
	}
	return v, nil
}

func (a assignment) json() (Value, error) {
	v, err := ParseValue([]byte(a.typed))
	if err != nil {
		return Absent, fmt.Errorf("%w: %s: %w", ErrAssignment, PathLabel(a.path), err)
	}
	return v, nil
}

// step reads += and -=, on a number or on a set.
func (a assignment) step(sign byte) (Operation, error) {
	number, err := ParseValue([]byte(a.typed))
	isNumber := err == nil && number.Type() == NumberType
	switch t := a.was.Type(); {
	case t == NumberType && !isNumber:
		return Operation{}, a.wrong("%q is not a number", a.typed)
	case t == NumberType, t == AbsentType && isNumber:
		if sign == '-' {
			number = negative(number)
		}
		return Operation{Verb: IncrementField, Path: a.path, Value: number}, nil
	case t != ArrayType && t != AbsentType:
		return Operation{}, a.wrong("a %s neither grows nor shrinks", t)
	}
	v, err := a.element()
	verb := AddElement
	if sign == '-' {
		verb = RemoveElement
	}
	return Operation{Verb: verb, Path: a.path, Value: v}, err
}

// element reads the typed text as one more element like those that are there.
func (a assignment) element() (Value, error) {
	t := StringType
	if len(a.was) > 2 {
		t = typeOf(a.was[1])
	}
	if t == StringType {
		return a.text()
	}
	return a.json()
}

func negative(number Value) Value {
	if number[0] == '-' {
		return number[1:]
	}
	return "-" + number
}
