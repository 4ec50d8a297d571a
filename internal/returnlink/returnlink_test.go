package returnlink_test

import (
	"context"
	"errors"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/returnlink"
	"github.com/iade/iade/internal/secret"
)

const (
	operation = "rf_10000001_abcdefghijklmnop"
	current   = "canary-current-callback-key"
	previous  = "canary-previous-callback-key"
	pageURL   = "https://iyzico.example/refund-to-balance/canary-token"
)

var made = time.Date(2031, 3, 10, 9, 30, 0, 0, time.UTC)

func pages(current, previous string) *returnlink.Pages {
	return returnlink.New("https://api.example", returnlink.Fixed(returnlink.Keys{Current: secret.New(current), Previous: secret.New(previous)}))
}

func stateOf(t *testing.T, p *returnlink.Pages, operation string) string {
	t.Helper()
	address, err := p.CallbackURL(context.Background(), operation, made)
	if err != nil {
		t.Fatal(err)
	}
	state, ok := strings.CutPrefix(address, "https://api.example/balance-callback/")
	if !ok || url.PathEscape(state) != state {
		t.Fatalf("callback %s", address)
	}
	return state
}

func verified(t *testing.T, p *returnlink.Pages, state string, at time.Time) string {
	t.Helper()
	id, ok, err := p.Verify(context.Background(), state, at)
	if err != nil || ok != (id != "") && ok {
		t.Fatalf("%q %v %v", id, ok, err)
	}
	if !ok {
		return ""
	}
	return id
}

func TestAStateNamesItsOperationFor400Days(t *testing.T) {
	t.Parallel()
	p := pages(current, "")
	for _, id := range []string{operation, "rf_1_abcdefghijklmnop", "rf_0000000000000000001_abcdefghijklmnop"} {
		state := stateOf(t, p, id)
		if got := verified(t, p, state, made.AddDate(0, 0, 400)); got != id {
			t.Errorf("%s: %q after 400 days", id, got)
		}
		if got := verified(t, p, state, made.AddDate(0, 0, 400).Add(2*time.Hour)); got != "" {
			t.Errorf("%s: still %q", id, got)
		}
		if len(state) > len(id)+30 {
			t.Errorf("%s is %d characters long", state, len(state))
		}
	}
}

// failure 22: forged states, each character
func TestWhatWasNotSignedDoesNotVerify(t *testing.T) {
	t.Parallel()
	p := pages(current, previous)
	state := stateOf(t, p, operation)
	forged := []string{
		"", ".", "..", state + ".", "." + state, state + "=", state[:len(state)-1], strings.ToUpper(state), strings.Repeat("a", 5000),
		strings.Replace(state, "10000001", "10000002", 1), strings.Replace(state, "rf_", "cn_", 1), strings.Replace(state, ".", ".z", 1),
		stateOf(t, pages("another-callback-key-entirely", ""), operation), operation, "rf_10000001_abcdefghijklmnop..",
	}
	for i := range len(state) { // each character matters
		other := byte('A')
		if state[i] == other {
			other = 'B'
		}
		forged = append(forged, state[:i]+string(other)+state[i+1:])
	}
	for _, f := range forged {
		if got := verified(t, p, f, made); got != "" {
			t.Errorf("%q verifies as %s", f, got)
		}
	}
}

// failure 24: the callback's key
func TestTheKeyBeforeTheLastRotationIsStillGood(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	before := pages(previous, "")
	state := stateOf(t, before, operation)
	sealed, err := before.Seal(ctx, operation, pageURL)
	if err != nil {
		t.Fatal(err)
	}
	after := pages(current, previous)
	if got := verified(t, after, state, made); got != operation {
		t.Errorf("state: %q", got)
	}
	if got, err := after.Open(ctx, operation, sealed); err != nil || got != pageURL {
		t.Errorf("url: %q %v", got, err)
	}
	twice := pages("canary-next-callback-key", current)
	if got := verified(t, twice, state, made); got != "" {
		t.Error("the key before the previous one is good")
	}
	if _, err := twice.Open(ctx, operation, sealed); err == nil {
		t.Error("the key before the previous one opens")
	}
}

// TestARotationIsSeenWithoutARestart: the process still holds the old keys when a state of the new ones comes.
func TestARotationIsSeenWithoutARestart(t *testing.T) {
	t.Parallel()
	asked := 0
	p := returnlink.New("https://api.example", func(_ context.Context, fresh bool) (returnlink.Keys, error) {
		if fresh {
			asked++
			return returnlink.Keys{Current: secret.New(current), Previous: secret.New(previous)}, nil
		}
		return returnlink.Keys{Current: secret.New(previous)}, nil
	})
	if got := verified(t, p, stateOf(t, pages(current, ""), operation), made); got != operation || asked != 1 {
		t.Errorf("%q, fresh keys asked for %d times", got, asked)
	}
}

func TestASealedURLIsReadableForItsOperationAlone(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	p := pages(current, "")
	sealed, err := p.Seal(ctx, operation, pageURL)
	if err != nil || strings.Contains(sealed, "canary") {
		t.Fatalf("%q %v", sealed, err)
	}
	if again, _ := p.Seal(ctx, operation, pageURL); again == sealed {
		t.Error("two seals are equal")
	}
	for name, try := range map[string][2]string{
		"another operation": {"rf_10000002_abcdefghijklmnop", sealed}, "nothing": {operation, ""}, "short": {operation, "AAAA"},
		"no base64": {operation, "?"}, "changed": {operation, "A" + sealed[1:]}, "cut": {operation, sealed[:len(sealed)-4]},
	} {
		if got, err := p.Open(ctx, try[0], try[1]); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
}

func TestWithoutAKeyNothingIsSignedOrTaken(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	away := errors.New("the secret is away")
	state := stateOf(t, pages(current, ""), operation)
	for name, source := range map[string]returnlink.Source{
		"away":  func(context.Context, bool) (returnlink.Keys, error) { return returnlink.Keys{}, away },
		"unset": returnlink.Fixed(returnlink.Keys{}),
		"short": returnlink.Fixed(returnlink.Keys{Current: secret.New("short")}),
	} {
		p := returnlink.New("https://api.example", source)
		if _, err := p.CallbackURL(ctx, operation, made); err == nil {
			t.Errorf("%s: signed", name)
		}
		if _, ok, err := p.Verify(ctx, state, made); ok || err == nil {
			t.Errorf("%s: verified", name)
		}
		if _, err := p.Seal(ctx, operation, pageURL); err == nil {
			t.Errorf("%s: sealed", name)
		}
		if _, err := p.Open(ctx, operation, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}

// TestThePrivacyDocumentTellsHowLongALinkIsGood holds docs/privacy.md's row against the state's own expiry.
func TestThePrivacyDocumentTellsHowLongALinkIsGood(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../docs/privacy.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), "a path that the customer's browser sees | **400 days**") {
		t.Error("docs/privacy.md does not say 400 days, which TestAStateNamesItsOperationFor400Days holds")
	}
}
