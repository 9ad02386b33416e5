package tui

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// maxAnswer bounds a line of the linear mode, in bytes: a line is held in memory as a whole.
const maxAnswer = 1 << 20

// errNoMore says that nobody will answer any more.
var errNoMore = errors.New("the answers ended")

// RunLinear is [Run] for a person who has the terminal read out, and for terminals that cannot be drawn on: questions
// and answers, a line each, with nothing drawn and nothing drawn over. It is the same model with the same decisions,
// drafts and writings. The end of the input leaves as `quit` does; the drafts are saved however it ends. The colours do
// not count.
func RunLinear(ctx context.Context, c Config) error {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Location == nil {
		c.Location = time.Local
	}
	if c.Input == nil {
		c.Input = os.Stdin
	}
	if c.Output == nil {
		c.Output = os.Stdout
	}
	c.Parker, c.ASCII, c.NoColor = nil, true, true // a command lists what is parked
	signals, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	drafts := newSaver(c.Desk.SaveDraft, c.Now)
	l := newLinear(signals, c, drafts)
	err := l.talk()

	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastSave)
	defer cancel()
	if _, saveErr := drafts.flush(late); saveErr != nil {
		return errors.Join(err, fmt.Errorf("save the draft: %w", saveErr))
	}
	return err
}

// linear talks to a person about what the model would show.
type linear struct {
	m       model
	out     io.Writer
	outErr  error
	answers <-chan answer
	done    <-chan struct{} // when somebody ends it from outside
	told    toldState
	// decided says that what an action decided was told, so that it is told once.
	decided bool
	// quiet leaves out telling the review once more.
	quiet bool
	// compare has the field told once with what each side changed.
	compare bool
}

// answer is a line that was typed, or why there is none.
type answer struct {
	line string
	err  error
}

// toldState is what was told last: what is the same is not told again.
type toldState struct {
	screen   screen
	queue    string
	conflict string // or the record that is open
	record   merge.Key
	field    string
	play     playTold
}

func newLinear(ctx context.Context, c Config, drafts *saver) *linear {
	do := newCommands(ctx, c, drafts)
	// Nothing happens by itself while a person is asked: it would be told in the middle of their answer.
	do.copy = nil // what is written is read out, and a sequence is not for that
	do.later = func(time.Duration, tea.Msg) tea.Cmd { return nil }
	do.beat = func() tea.Cmd { return nil }
	l := &linear{m: newModel(c, do), out: c.Output, answers: readAnswers(ctx, c.Input), done: ctx.Done()}
	spoken := *l.m.env.glyphs
	spoken.dot, spoken.arrow = ", ", "to"
	l.m.env.glyphs = &spoken
	l.m.env.frame.glyphs = &spoken
	l.m = l.m.setSize(tableWidth+40, 24) // the layout in which each key means what it is called
	l.do(l.m.Init())
	return l
}

// readAnswers reads lines until the input ends. A read cannot be ended from outside, so that it has a goroutine of its
// own, which lives as long as the input.
func readAnswers(ctx context.Context, in io.Reader) <-chan answer {
	answers := make(chan answer)
	go func() {
		defer close(answers)
		lines := bufio.NewScanner(in)
		lines.Buffer(nil, maxAnswer)
		for lines.Scan() {
			select {
			case answers <- answer{line: strings.TrimSuffix(lines.Text(), "\r")}:
			case <-ctx.Done():
				return
			}
		}
		if err := lines.Err(); err != nil {
			select {
			case answers <- answer{err: fmt.Errorf("read the answer: %w", err)}:
			case <-ctx.Done():
			}
		}
	}()
	return answers
}

// talk tells and asks until the person leaves.
func (l *linear) talk() error {
	for !l.m.leaving {
		l.tell()
		line, err := l.ask(l.prompt())
		if err == nil {
			err = l.obey(strings.TrimSpace(line))
		}
		switch {
		case errors.Is(err, errNoMore):
			l.say("")
			return l.outErr
		case err != nil:
			return err
		}
	}
	if l.m.interrupted {
		return ErrInterrupted
	}
	return l.outErr
}

// ask asks one question and waits for the line.
func (l *linear) ask(prompt safe.Cell) (string, error) {
	l.write(string(prompt) + " ")
	if l.outErr != nil {
		return "", l.outErr
	}
	select {
	case a, ok := <-l.answers:
		if !ok {
			return "", errNoMore
		}
		return a.line, a.err
	case <-l.done:
		l.say("")
		return "", ErrInterrupted
	}
}

// say tells one line.
func (l *linear) say(parts ...safe.Cell) {
	var line strings.Builder
	for _, c := range parts {
		line.WriteString(string(c))
	}
	l.write(strings.TrimRight(line.String(), " ") + "\n")
}

func (l *linear) write(s string) {
	if l.outErr == nil {
		_, l.outErr = io.WriteString(l.out, s)
	}
}

// do runs a command, and what comes of it, before anything else happens. Bubble Tea does not export sequences.
func (l *linear) do(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil, tea.QuitMsg:
	case tea.BatchMsg:
		for _, c := range msg {
			l.do(c)
		}
	default:
		if v := reflect.ValueOf(msg); v.Kind() == reflect.Slice && v.Type().Elem() == reflect.TypeFor[tea.Cmd]() {
			for i := range v.Len() {
				l.do(v.Index(i).Interface().(tea.Cmd))
			}
			return
		}
		l.send(msg)
	}
}

// send hands the model a message.
func (l *linear) send(msg tea.Msg) {
	next, cmd := l.m.Update(msg)
	l.m = next.(model)
	if _, moved := msg.(playMsg); moved && l.m.screen == onPlay {
		l.tell() // each step of a run
	}
	l.do(cmd)
}

// run has the model do an action, and asks what it asks.
func (l *linear) run(what intent) error {
	next, cmd := l.m.run(what)
	l.m = next
	l.do(cmd)
	return l.askMore()
}

// obey does what a line asks for: a number, a key of the screen, or the name of an action.
func (l *linear) obey(line string) error {
	m := &l.m
	switch {
	case m.screen == onReview:
		return l.reviewAnswer(line)
	case m.screen == onPlay:
		if done, err := l.obeyPlay(line); done {
			return err
		}
	case m.screen == onRecords:
		if taken, err := l.obeyRecords(line); taken {
			return err
		}
	case m.screen == onQueue && line == "":
		l.told = toldState{}
		return nil
	case m.screen == onQueue && isNumber(line):
		return l.openNumber(line)
	case m.screen == onQueue:
		if taken, err := l.numbered(strings.TrimPrefix(line, ":")); taken {
			return err
		}
	case m.screen == onWritten && line == "":
		return l.run(goBack)
	case m.screen == onResolve && (m.resolve.s == nil || m.resolve.loading) && line == "":
		return l.run(goBack)
	case m.screen == onResolve && line == "":
		return l.nextField()
	case m.screen == onResolve && strings.HasPrefix(line, "/"):
		l.toField(line[1:])
		return nil
	case m.screen == onResolve && line == "fields":
		l.listFields()
		return nil
	}
	if line = strings.TrimPrefix(line, ":"); line == "" {
		line = intentNames[showHelp]
	}
	b, ok := l.find(line)
	if !ok {
		l.say("There is no command ", safe.Text(line), " here. ? lists them.")
		return nil
	}
	return l.perform(b.intent)
}

// perform does an action. After a decision it goes on to the next field that is left.
func (l *linear) perform(what intent) error {
	switch what {
	case showPalette:
		what = showHelp
	case switchMouse:
		return nil // there is nothing to click
	}
	if l.m.screen == onPlay && l.performPlay(what) {
		return nil
	}
	if l.m.screen != onResolve {
		return l.run(what)
	}
	changes := l.m.resolve.changes
	l.decided = false
	l.compare = what == switchDiff
	if what == switchDiff {
		l.told.field = ""
	}
	err := l.run(what)
	if r := &l.m.resolve; err == nil && l.m.screen == onResolve && what == pickCombined && r.changes == changes && r.bracket == merge.TakeCombined {
		r.status = status{}
		err = l.run(what) // what it writes was told with the field
	}
	if what == swapOrder {
		l.told.field = ""
	}
	if r := &l.m.resolve; err != nil || l.m.screen != onResolve || r.changes == changes || l.decided {
		return err
	}
	return l.afterDecision(what)
}

// find looks a line up in the keys that count now.
func (l *linear) find(line string) (binding, bool) {
	k, _ := l.m.keysShown()
	if b, ok := k.named(line); ok {
		return b, true
	}
	typed := line
	if line == "space" {
		typed = " "
	}
	for i := range k {
		if slices.Contains(k[i].Keys(), typed) {
			return k[i], true
		}
	}
	return binding{}, false
}

func isNumber(line string) bool {
	n, err := strconv.ParseInt(line, 10, 64)
	return err == nil && n > 0
}

func (l *linear) openNumber(line string) error {
	number, _ := strconv.ParseInt(line, 10, 64)
	next, cmd := l.m.open(number, status{})
	l.m = next
	l.do(cmd)
	if err := l.m.resolve.err; err != nil {
		l.say("Conflict ", safe.Text(line), " cannot be opened: ", safe.Text(err.Error()), ".")
		return l.run(goBack)
	}
	return nil
}

// nextField goes to the next field that is left, from the start again where none is below: nobody sees here where the
// list ends.
func (l *linear) nextField() error {
	r := &l.m.resolve
	at := r.focusedPath()
	r.toOpen(1)
	if r.focusedPath() == at {
		r.status = status{}
		r.toFirstOpen()
	}
	r.moved()
	l.told.field = ""
	return nil
}

// toField goes to the first field whose name holds a text.
func (l *linear) toField(text string) {
	r := &l.m.resolve
	if r.s == nil {
		return
	}
	text = strings.ToLower(strings.TrimSpace(text))
	for i := range r.s.fields {
		f := &r.s.fields[i]
		if !strings.Contains(strings.ToLower(string(f.name+" "+f.label)), text) {
			continue
		}
		if f.section == unchanged && !r.showSame {
			r.showSame = true
			r.relist()
		}
		r.cursorTo(f.Path)
		r.moved()
		l.told.field = ""
		return
	}
	l.say("No field is called ", safe.Text(text), ". fields lists them.")
}
