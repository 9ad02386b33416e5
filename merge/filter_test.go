package merge

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestParseFilter(t *testing.T) {
	for text, want := range map[string][]Term{
		"":                     nil,
		"  ":                   nil,
		"acme":                 {{Op: ':', Value: "acme"}},
		"collection:deal":      {{Name: "collection", Op: ':', Value: "deal"}},
		"field:address/city":   {{Name: "field", Op: ':', Value: "/address/city"}},
		"kind:edit-delete":     {{Name: "kind", Op: ':', Value: "edit-delete"}},
		"age>2d state:snoozed": {{Name: "age", Op: '>', Value: "2d", Age: 48 * time.Hour}, {Name: "state", Op: ':', Value: "snoozed"}},
		"age<30m":              {{Name: "age", Op: '<', Value: "30m", Age: 30 * time.Minute}},
		`by:"Ana R" "a:b"`:     {{Name: "by", Op: ':', Value: "Ana R"}, {Op: ':', Value: "a:b"}},
		"record:deal/D:1":      {{Name: "record", Op: ':', Value: "deal/D:1"}},
		`by:"Ana ""R"""`:       {{Name: "by", Op: ':', Value: `Ana "R"`}},
		`"" a"" """"`:          {{Op: ':'}, {Op: ':', Value: "a"}, {Op: ':', Value: `"`}},
	} {
		if f, err := ParseFilter(text); err != nil || !reflect.DeepEqual(f.Terms, want) {
			t.Errorf("%q: got %+v, %v", text, f.Terms, err)
		}
	}
	for _, bad := range []string{"type:deal", "age:2d", "age>", "age>2", "age>d", "age>2y", "kind:odd", "state:", "by>ana", `"open`, "field:/~", "state:Open"} {
		if f, err := ParseFilter(bad); !errors.Is(err, ErrFilter) {
			t.Errorf("%q: got %+v, %v", bad, f, err)
		}
	}
}

func TestAFilterNamesTheWordsThatThereAre(t *testing.T) {
	for bad, want := range map[string]string{"kind:odd": `"odd" is none of edit-edit, edit-delete,`, "state:done": `"done" is none of open, snoozed, resolved`} {
		if _, err := ParseFilter(bad); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// What a filter is written as is read as the same filter.
func TestFilterIsWrittenAndRead(t *testing.T) {
	values := []string{"deal", "Ana R", `"`, `""`, `a"b`, `"a b"`, "a:b", "<", "a>b", "\u00a0", "ü", `\`, `\"`, " ", "\t"}
	var f Filter
	for _, name := range append([]string{""}, FilterNames...) {
		for _, value := range values {
			switch name {
			case "age", "kind", "state":
				continue
			case "field":
				value = "/" + value
			}
			f.Terms = append(f.Terms, Term{Name: name, Op: ':', Value: value})
		}
	}
	f.Terms = append(f.Terms, Term{Op: ':'}, Term{Name: "age", Op: '<', Value: "2d", Age: 48 * time.Hour},
		Term{Name: "kind", Op: ':', Value: "edit-delete"}, Term{Name: "state", Op: ':', Value: "open"})
	if again, err := ParseFilter(f.String()); err != nil || !reflect.DeepEqual(again, f) {
		t.Errorf("%s: read as %+v, %v", f, again, err)
	}
	for _, term := range f.Terms {
		one := Filter{Terms: []Term{term}}
		if again, err := ParseFilter(one.String()); err != nil || !reflect.DeepEqual(again, one) {
			t.Errorf("%s: read as %+v, %v; want %+v", one, again, err, one)
		}
	}
}
