package serve

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"dovetail/store"
)

// Whoever streams is waited for as long as something comes, or goes: a laptop in a train is no attack, and it has a token.
const (
	readPatience  = 30 * time.Second
	writePatience = 60 * time.Second
)

// longestLine is how much of a line is read in the hope of its end. What is beyond store.MaxLine is not kept.
const longestLine = 4 * store.MaxLine

// errLast says that there are no more lines.
var errLast = errors.New("the last line was read")

// lines is an answer of lines.
type lines struct {
	*call
	control *http.ResponseController
	to      *bufio.Writer
	encoder *json.Encoder
}

func (c *call) answerLines() *lines {
	l := &lines{call: c, control: http.NewResponseController(c.out)}
	l.to = bufio.NewWriterSize(c.patiently(), 32<<10)
	l.encoder = json.NewEncoder(l.to)
	l.encoder.SetEscapeHTML(false)
	return l
}

// patient writes to whoever takes something from time to time.
type patient struct {
	io.Writer
	control *http.ResponseController
	limited bool
}

// patiently is where the answer goes, with time for each part of it.
func (c *call) patiently() *patient {
	return &patient{c.out, http.NewResponseController(c.out), c.limited()}
}

// limited reports whether the server gives a request only so much time. Only then is there a limit to put off: one that we
// set on a server without any would hold for the next request as well.
func (c *call) limited() bool {
	server, ok := c.request.Context().Value(http.ServerContextKey).(*http.Server)
	return ok && server.ReadTimeout > 0 && server.WriteTimeout > 0
}

// Write implements [io.Writer].
func (w *patient) Write(p []byte) (written int, err error) {
	for part := range slices.Chunk(p, 64<<10) {
		if w.limited {
			w.control.SetWriteDeadline(time.Now().Add(writePatience))
		}
		n, err := w.Writer.Write(part)
		if written += n; err != nil {
			return written, err
		}
	}
	return written, nil
}

// begin answers that what comes is lines, once.
func (l *lines) begin() {
	if l.out.status == 0 {
		l.out.Header().Set("Content-Type", typeLines)
		l.out.WriteHeader(http.StatusOK)
	}
}

// line writes one; it goes once there are enough, or with flush.
func (l *lines) line(v any) error {
	l.begin()
	if l.encoder.Encode(v) != nil {
		return errGone
	}
	return nil
}

func (l *lines) flush() error {
	if l.to.Flush() != nil {
		return errGone
	}
	if err := l.control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return errGone
	}
	return nil
}

// finish ends an answer, which may be of no line.
func (l *lines) finish() error {
	l.begin()
	return l.flush()
}

// broken ends an answer by an error: where something was answered already, as a problem in a line of its own.
func (l *lines) broken(err error) error {
	if errors.Is(err, errGone) || l.out.status == 0 {
		return err
	}
	if err := l.line(l.problemOf(err)); err != nil {
		return err
	}
	return l.flush()
}

// stream is a body of lines that is answered while it is read.
type stream struct {
	*lines
	in    *bufio.Reader
	sized bool // all of the body is under way: nobody waits for an answer before it sends more
}

// stream begins to read the body as lines.
func (c *call) stream() *stream {
	s := &stream{lines: c.answerLines(), sized: c.request.ContentLength >= 0}
	s.in = bufio.NewReaderSize(&waiting{s}, 64<<10)
	s.control.EnableFullDuplex() // where that is not there, an answer waits for the body by itself
	return s
}

// waiting reads a body for as long as something comes.
type waiting struct{ *stream }

// Read implements [io.Reader].
func (w *waiting) Read(p []byte) (int, error) {
	if w.limited() {
		w.control.SetReadDeadline(time.Now().Add(readPatience))
	}
	return w.request.Body.Read(p)
}

// next reads the lines of a batch, of at most so many; [errLast] where there are no more after these. Those of a body that
// does not come whole are as good as not sent, up to the batch before.
func (s *stream) next(most int) (lines [][]byte, end error) {
	for size := 0; len(lines) < min(most, batchLines) && size < batchBytes; {
		line, err := s.read()
		if len(line) > 0 {
			lines = append(lines, line)
			size += len(line)
		}
		if err == io.EOF {
			return lines, errLast
		}
		if err != nil {
			return nil, err
		}
		if !s.sized && len(lines) > 0 && !s.lineIsHere() {
			return lines, nil
		}
	}
	return lines, nil
}

// lineIsHere reports whether the next line came already.
func (s *stream) lineIsHere() bool {
	here, _ := s.in.Peek(s.in.Buffered())
	return bytes.IndexByte(here, '\n') >= 0
}

// read reads one line, in memory of its own, without blanks around it; of one that is too long as much as shows that it is.
func (s *stream) read() ([]byte, error) {
	var line []byte
	for length := 0; ; {
		part, err := s.in.ReadSlice('\n')
		if length += len(part); length > longestLine {
			return nil, errTooLarge.because("a line may have %d bytes", store.MaxLine)
		}
		if len(line) <= store.MaxLine {
			line = append(line, part...)
		}
		switch err {
		case bufio.ErrBufferFull:
		case nil, io.EOF:
			return bytes.TrimSpace(line), err
		default:
			return nil, errCut
		}
	}
}

// tell answers a batch, and sees that it goes.
func (s *stream) tell(answers []store.Answer) error {
	for i := range answers {
		if err := s.lines.line(&answers[i]); err != nil {
			return err
		}
	}
	return s.flush()
}

// overfull ends a stream that may not be longer, if it is.
func (s *stream) overfull() error {
	if line, err := s.read(); err == io.EOF && len(line) == 0 {
		return s.finish()
	}
	return s.broken(errTooMany)
}
