package clock_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/iade/iade/internal/clock"
)

func TestNowHasNoMonotonicPart(t *testing.T) {
	t.Parallel()
	if text := (clock.Wall{}).Now().String(); strings.Contains(text, "m=") || !strings.Contains(text, "UTC") {
		t.Errorf("now = %s", text)
	}
}

func TestPauseGrowsAndIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for n := range 50 {
			began := time.Now()
			if err := (clock.Wall{}).Pause(context.Background(), n); err != nil {
				t.Fatal(err)
			}
			if waited := time.Since(began); waited <= 0 || waited > 501*time.Millisecond {
				t.Errorf("pause %d = %s", n, waited)
			}
		}
	})
}

func TestPauseEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := (clock.Wall{}).Pause(ctx, 9); !errors.Is(err, context.Canceled) {
		t.Errorf("Pause = %v", err)
	}
}
