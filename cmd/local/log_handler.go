package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// newLog makes the operator's log: one short line for each record.
func newLog(w io.Writer, level slog.Level, colour bool) *slog.Logger {
	return slog.New(&logHandler{out: &lockedWriter{w: w}, level: level, colour: colour})
}

// lockedWriter keeps lines whole.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// logHandler is a slog.Handler for people: time of day, level unless it is info, message, key=value.
type logHandler struct {
	out    io.Writer
	level  slog.Level
	colour bool
	attrs  []byte // those of With, already written out
	group  string
}

// Enabled implements slog.Handler.
func (h *logHandler) Enabled(_ context.Context, level slog.Level) bool { return level >= h.level }

// Handle implements slog.Handler.
func (h *logHandler) Handle(_ context.Context, r slog.Record) error {
	var line bytes.Buffer
	if !r.Time.IsZero() {
		line.WriteString(paint(h.colour, grey, r.Time.Format(time.TimeOnly)))
		line.WriteByte(' ')
	}
	if r.Level != slog.LevelInfo {
		line.WriteString(paint(h.colour, levelColour(r.Level), r.Level.String()))
		line.WriteByte(' ')
	}
	line.WriteString(printable(r.Message))
	line.Write(h.attrs)
	r.Attrs(func(a slog.Attr) bool {
		h.write(&line, h.group, a)
		return true
	})
	line.WriteByte('\n')
	_, err := h.out.Write(line.Bytes())
	return err
}

// WithAttrs implements slog.Handler.
func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *h
	written := bytes.NewBuffer(bytes.Clone(h.attrs))
	for _, a := range attrs {
		h.write(written, h.group, a)
	}
	with.attrs = written.Bytes()
	return &with
}

// WithGroup implements slog.Handler.
func (h *logHandler) WithGroup(name string) slog.Handler {
	with := *h
	if name != "" {
		with.group += name + "."
	}
	return &with
}

func (h *logHandler) write(line *bytes.Buffer, group string, a slog.Attr) {
	value := a.Value.Resolve()
	switch {
	case a.Equal(slog.Attr{}):
	case value.Kind() == slog.KindGroup:
		if a.Key != "" {
			group += a.Key + "."
		}
		for _, member := range value.Group() {
			h.write(line, group, member)
		}
	default:
		line.WriteByte(' ')
		line.WriteString(paint(h.colour, grey, group+a.Key+"="))
		line.WriteString(quoted(value.String()))
	}
}

// quoted quotes a value that would not be one word.
func quoted(s string) string {
	if s == "" || strings.ContainsAny(s, " =\"") || printable(s) != s {
		return strconv.Quote(s)
	}
	return s
}

// printable escapes what could forge a line or move a terminal's cursor.
func printable(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return !strconv.IsPrint(r) }) {
		escaped := strconv.Quote(s)
		return escaped[1 : len(escaped)-1]
	}
	return s
}

type colourCode string

const (
	grey   colourCode = "2"
	bold   colourCode = "1"
	red    colourCode = "31"
	green  colourCode = "32"
	yellow colourCode = "33"
)

func levelColour(level slog.Level) colourCode {
	switch {
	case level >= slog.LevelError:
		return red
	case level >= slog.LevelWarn:
		return yellow
	}
	return grey
}

func paint(colour bool, code colourCode, text string) string {
	if !colour {
		return text
	}
	return fmt.Sprintf("\x1b[%sm%s\x1b[0m", code, text)
}

// colourful tells whether w shows colours: a terminal, unless NO_COLOR (no-color.org) or TERM says otherwise.
func colourful(w io.Writer, getenv func(string) string) bool {
	file, ok := w.(*os.File)
	if !ok || getenv("NO_COLOR") != "" || getenv("TERM") == "dumb" {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
