package app

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/iade/iade/internal/dayclose"
)

type nobody struct{}

func (nobody) PublishDay(context.Context, dayclose.Event) error { return nil }

// TestTheCloserNeedsAJournalAndABus, and says so before it takes anything on.
func TestTheCloserNeedsAJournalAndABus(t *testing.T) {
	t.Setenv("AWS_CA_BUNDLE", "")
	t.Setenv("AWS_REGION", "eu-west-1")
	for want, changes := range map[string]map[string]string{
		"JOURNAL_TABLE_NAME is needed": {"EVENT_BUS_NAME": "iade"},
		"EVENT_BUS_NAME is needed":     {"JOURNAL_TABLE_NAME": "iade-journal"},
		"":                             {"EVENT_BUS_NAME": "iade", "JOURNAL_TABLE_NAME": "iade-journal"},
	} {
		a, err := New(t.Context(), settings(changes), slog.New(slog.DiscardHandler), "close", io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		bus := ""
		handler, err := a.closer(func(_ aws.Config, name string) dayclose.Publisher { bus = name; return nobody{} })
		switch {
		case want == "" && (err != nil || handler == nil || bus != "iade" || a.Days.Publisher == nil):
			t.Errorf("%v, bus %q", err, bus)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%v, want %s", err, want)
		}
	}
}
