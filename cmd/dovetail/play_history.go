package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"dovetail/fixtures"
	"dovetail/merge"
	"dovetail/tui"
)

// playStrategies are those that a history is played under.
var playStrategies = [...]merge.Strategy{merge.FieldMerge, merge.LastWriteWins, merge.OpReplay}

// playground is a history with the three worlds in which it happens. Going on has the next steps happen in them. Going
// back makes them anew and plays the history from its start: that is done behind what is shown, which is known from the
// first time. It serves several goroutines.
type playground struct {
	dir      string
	scenario fixtures.Scenario
	start    time.Time
	person   string // who decides on the screens

	// history guards where the person is. It is taken after worlds where both are needed.
	history sync.Mutex
	steps   []playStep
	begin   int                                        // steps that make what the story begins with
	want    int                                        // how many of them happened, as the person sees it
	known   map[int][len(playStrategies)]tui.PlayWorld // by the number of steps
	shown   merge.Strategy

	// busy guards the worlds.
	busy   sync.Mutex
	at     int // how many steps happened in them
	worlds [len(playStrategies)]*playWorld
	made   int // how often they were made
	drafts playDrafts
	// closed ends a playing that is under way, too.
	closed atomic.Bool
}

// newPlayground makes a playground in a directory that is there and empty, where the story begins.
func newPlayground(ctx context.Context, dir string, scenario fixtures.Scenario, start time.Time, person string) (*playground, error) {
	p := &playground{dir: dir, scenario: scenario, start: start, person: person, begin: beginningOf(scenario),
		known: map[int][len(playStrategies)]tui.PlayWorld{}}
	for _, e := range scenario.Events {
		p.steps = append(p.steps, playStep{Event: e, at: start.Add(e.At), person: person})
	}
	p.want = p.begin
	p.busy.Lock()
	defer p.busy.Unlock()
	err := p.anew(ctx)
	if err == nil {
		err = p.level(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, p.discard())
	}
	return p, nil
}

// beginningOf counts the first events of a scenario that only fill the hub.
func beginningOf(scenario fixtures.Scenario) int {
	for i, e := range scenario.Events {
		d, _ := scenario.Device(e.Device)
		if !d.Desktop || e.Verb > fixtures.RemoveRecord {
			return i
		}
	}
	return 0 // the events are all the story
}

// Close removes all that was made.
func (p *playground) Close() error {
	p.closed.Store(true)
	p.busy.Lock()
	defer p.busy.Unlock()
	return p.discard()
}

func (p *playground) discard() error {
	var errs []error
	for i, w := range p.worlds {
		if w != nil {
			errs = append(errs, w.close())
			p.worlds[i] = nil
		}
	}
	return errors.Join(errs...)
}

// anew takes the worlds back to the beginning.
func (p *playground) anew(ctx context.Context) error {
	if err := p.discard(); err != nil {
		return err
	}
	p.at = 0
	p.made++
	err := p.each(func(s merge.Strategy) error {
		dir := filepath.Join(p.dir, fmt.Sprintf("%d-%s", p.made, s))
		w, err := newPlayWorld(ctx, dir, p.scenario, s, p.start)
		p.worlds[s] = w
		return err
	})
	if err != nil {
		return err
	}
	return p.look(ctx)
}

// each does something in every world at once.
func (p *playground) each(do func(merge.Strategy) error) error {
	var wait sync.WaitGroup
	errs := make([]error, len(playStrategies))
	for _, s := range playStrategies {
		wait.Go(func() { errs[s] = do(s) })
	}
	wait.Wait()
	return errors.Join(errs...)
}

// look notes how the worlds are now.
func (p *playground) look(ctx context.Context) error {
	var now [len(playStrategies)]tui.PlayWorld
	err := p.each(func(s merge.Strategy) (err error) {
		now[s], err = p.worlds[s].look(ctx)
		return err
	})
	if err == nil {
		p.history.Lock()
		defer p.history.Unlock()
		p.known[p.at] = now
	}
	return err
}

// level has the worlds be where the person is, who may go on meanwhile.
func (p *playground) level(ctx context.Context) error {
	for {
		p.history.Lock()
		want := p.want
		var step playStep
		if p.at < want {
			step = p.steps[p.at]
		}
		p.history.Unlock()
		switch {
		case p.closed.Load():
			return context.Canceled
		case p.at == want:
			return nil
		case p.at > want:
			if err := p.anew(ctx); err != nil {
				return err
			}
		default:
			if err := p.happen(ctx, step); err != nil {
				return err
			}
		}
	}
}

// happen plays one step in all worlds.
func (p *playground) happen(ctx context.Context, step playStep) error {
	err := p.each(func(s merge.Strategy) error { return p.worlds[s].play(ctx, step) })
	if err != nil {
		return err
	}
	p.at++
	return p.look(ctx)
}

// Go implements [tui.Playground].
func (p *playground) Go(ctx context.Context, steps int) (tui.PlayView, error) {
	p.history.Lock()
	if steps >= 0 {
		p.want = min(steps, len(p.steps))
	}
	_, known := p.known[p.want]
	p.history.Unlock()
	if known {
		go func() {
			p.busy.Lock()
			defer p.busy.Unlock()
			_ = p.level(ctx) // whoever needs the worlds tries again, and tells
		}()
		return p.view(), nil
	}
	p.busy.Lock()
	defer p.busy.Unlock()
	if err := p.level(ctx); err != nil {
		return tui.PlayView{}, err
	}
	return p.view(), nil
}

// Act implements [tui.Playground].
func (p *playground) Act(ctx context.Context, act tui.PlayAct) (tui.PlayView, error) {
	event, err := p.eventOf(act)
	if err != nil {
		return tui.PlayView{}, err
	}
	p.busy.Lock()
	defer p.busy.Unlock()
	if err := p.level(ctx); err != nil {
		return tui.PlayView{}, err
	}
	step := playStep{Event: event, at: p.next(), own: true, person: p.person, creates: act.Do == tui.PlayCreate}
	// What is refused where the person looks is no step; that it may be one elsewhere makes no difference.
	w := p.worlds[p.shown]
	known := len(w.records)
	if err := w.play(ctx, step); err != nil {
		return tui.PlayView{}, err
	}
	if w.refused {
		w.steps--
		w.records = w.records[:known]
		return tui.PlayView{}, errors.New(w.said)
	}
	if err := p.happened(ctx, step); err != nil {
		return tui.PlayView{}, err
	}
	return p.view(), nil
}

// happened puts a step into the history that has just happened in the world that is shown, and has it happen in the
// others. What was known of the time after it is so no longer.
func (p *playground) happened(ctx context.Context, step playStep) error {
	err := p.each(func(s merge.Strategy) error {
		if s == p.shown {
			return nil
		}
		return p.worlds[s].play(ctx, step)
	})
	if err != nil {
		return err
	}
	p.history.Lock()
	p.steps = slices.Insert(p.steps, p.at, step)
	if p.at < p.begin {
		p.begin++
	}
	maps.DeleteFunc(p.known, func(at int, _ [len(playStrategies)]tui.PlayWorld) bool { return at > p.at })
	p.want = p.at + 1
	p.history.Unlock()
	p.at++
	return p.look(ctx)
}

// next is the moment of a step after those that happened: a minute later, or half way to what follows.
func (p *playground) next() time.Time {
	p.history.Lock()
	defer p.history.Unlock()
	at := p.start
	if p.at > 0 {
		at = p.steps[p.at-1].at
	}
	if p.at < len(p.steps) {
		return at.Add(min(time.Minute, p.steps[p.at].at.Sub(at)/2))
	}
	return at.Add(time.Minute)
}

// eventOf is what a person does, as an event of a script.
func (p *playground) eventOf(act tui.PlayAct) (fixtures.Event, error) {
	e := fixtures.Event{Device: act.Device, Record: act.Record}
	switch act.Do {
	case tui.PlayEdit:
		if act.Path == "" {
			e.Verb, e.Assignments = fixtures.SetFields, []string{act.Typed}
			return e, nil
		}
		name := merge.PathLabel(act.Path)
		if strings.Contains(name, "=") {
			return e, fmt.Errorf("the name %q cannot stand before a value that is typed", name)
		}
		sign := ""
		if !strings.HasPrefix(act.Typed, "+=") && !strings.HasPrefix(act.Typed, "-=") && !strings.HasPrefix(act.Typed, ":=") {
			sign = "="
		}
		e.Verb, e.Assignments = fixtures.SetFields, []string{name + sign + act.Typed}
	case tui.PlayCreate:
		return p.scenario.Creation(act.Device, act.Typed)
	case tui.PlayRemove:
		e.Verb = fixtures.RemoveRecord
	case tui.PlaySync:
		e.Verb = fixtures.Sync
	case tui.PlayCut:
		e.Verb = fixtures.LineDown
	case tui.PlayMend:
		e.Verb = fixtures.LineUp
	}
	return e, nil
}

// TakeOut implements [tui.Playground].
func (p *playground) TakeOut(ctx context.Context) (tui.PlayView, error) {
	p.busy.Lock()
	defer p.busy.Unlock()
	if err := p.level(ctx); err != nil {
		return tui.PlayView{}, err
	}
	p.history.Lock()
	last := p.want - 1
	own := last >= 0 && p.steps[last].own
	if own {
		p.steps = slices.Delete(p.steps, last, last+1)
		if last < p.begin {
			p.begin--
		}
		maps.DeleteFunc(p.known, func(at int, _ [len(playStrategies)]tui.PlayWorld) bool { return at > last })
		p.want = last
	}
	p.history.Unlock()
	if !own {
		return tui.PlayView{}, errors.New("only a step of your own can be taken out, and the last one that happened is none")
	}
	if err := p.level(ctx); err != nil {
		return tui.PlayView{}, err
	}
	return p.view(), nil
}

// Show implements [tui.Playground].
func (p *playground) Show(_ context.Context, s merge.Strategy) error {
	p.busy.Lock()
	defer p.busy.Unlock()
	p.shown = s
	return nil
}

// view is what is known of where the person is.
func (p *playground) view() tui.PlayView {
	p.history.Lock()
	defer p.history.Unlock()
	v := tui.PlayView{Name: p.scenario.Name, Title: p.scenario.Title, Lesson: p.scenario.Lesson, Strategy: p.scenario.Strategy,
		Begin: p.begin, At: p.want, Worlds: p.known[p.want]}
	for i, s := range p.steps {
		one := tui.PlayStep{At: s.at, Device: s.Device, Person: s.person, Words: stepInWords(s), Record: s.Record, Own: s.own,
			Sync: s.Verb == fixtures.Sync}
		if d, ok := p.scenario.Device(s.Device); ok {
			one.Person = d.Person
			one.Sync = one.Sync || d.Desktop && s.Verb == fixtures.LineUp
		}
		if after, ok := p.known[i+1]; ok {
			for k := range after {
				one.Refused[k] = after[k].Refused
			}
		}
		v.Steps = append(v.Steps, one)
	}
	return v
}

// stepInWords says what is done in a step.
func stepInWords(s playStep) string {
	switch s.Verb {
	case fixtures.WriteRecord:
		return fmt.Sprintf("writes %s", s.Record)
	case fixtures.SetFields:
		return fmt.Sprintf("sets %s of %s", strings.Join(s.Assignments, ", "), s.Record)
	case fixtures.RemoveRecord:
		return fmt.Sprintf("deletes %s", s.Record)
	case fixtures.Sync:
		return "syncs" + [...]string{"", ", and the answer gets lost", ", and the line breaks on the way"}[s.Trouble]
	case fixtures.LineDown:
		return "loses the line"
	case fixtures.LineUp:
		return "has the line back"
	case fixtures.SetClock:
		return "has a clock that is " + clockInWords(s.Clock)
	case fixtures.Decide:
		return fmt.Sprintf("decides on %s: %s", s.Record, choicesInWords(s.Choices))
	case fixtures.Resolve:
		switch {
		case s.undo:
			return fmt.Sprintf("takes the decision on %s back", s.Record)
		case len(s.Choices) > 0:
			return fmt.Sprintf("decides and writes %s: %s", s.Record, choicesInWords(s.Choices))
		}
		return fmt.Sprintf("writes what was decided on %s", s.Record)
	}
	return s.Verb.String()
}

func choicesInWords(choices []fixtures.Choice) string {
	words := make([]string, len(choices))
	for i, c := range choices {
		words[i] = fieldName(c.Path) + " " + c.Choice.String()
	}
	return strings.Join(words, ", ")
}
