package psp

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// The pairs of a rotation, right's being the old one.
var (
	stale = Keys{Pair: pairOf("canary-stale-api", "canary-stale-secret")}
	fresh = pairOf("canary-new-api", "canary-new-secret")

	rotated   = Keys{Pair: fresh, Previous: right.Pair}
	completed = Keys{Pair: fresh}
)

func atIyzico(pairs ...Pair) []iyzicotest.KeyPair {
	var all []iyzicotest.KeyPair
	for _, p := range pairs {
		all = append(all, iyzicotest.KeyPair{APIKey: p.APIKey.Reveal(), SecretKey: p.SecretKey.Reveal()})
	}
	return all
}

func (r rig) send(t *testing.T, attempt int) payment.Verdict {
	t.Helper()
	a := r.gateway.Send(t.Context(), r.call(t, attempt))
	if a.Verdict == payment.VerdictNotSent && a.Failure.Reason != iyzico.ReasonCredentials {
		t.Errorf("attempt %d: %+v", attempt, a.Failure)
	}
	return a.Verdict
}

func (r rig) executions() int { return len(r.fake.Ledger().Executions(r.paymentID)) }

func (r rig) readable(t *testing.T) bool {
	t.Helper()
	_, err := r.gateway.Read(t.Context(), payment.Query{PaymentID: r.paymentID})
	if err != nil && payment.CodeOf(err) != payment.CodeUnavailable {
		t.Error(err)
	}
	return err == nil
}

// expect compares how often the secret was read so far, and that no key stands in the log.
func (r rig) expect(t *testing.T, reads int) {
	t.Helper()
	if r.vault.reads != reads {
		t.Errorf("the secret was read %d times, want %d", r.vault.reads, reads)
	}
	for _, secret := range []string{"canary", right.APIKey.Reveal(), right.SecretKey.Reveal()} {
		if strings.Contains(r.log.String(), secret) {
			t.Errorf("%q stands in the log: %s", secret, r.log)
		}
	}
}

// TestRefusedKeysAreReadAgainOnceInABurst: the first refusal has the secret read again at once, and what it holds is used
// by the next request; while that does not work either it is read once a minute, however many calls there are.
func TestRefusedKeysAreReadAgainOnceInABurst(t *testing.T) {
	t.Parallel()
	t.Run("sends", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		r.vault.put(stale, nil)
		for attempt := 1; attempt <= 5; attempt++ {
			if v := r.send(t, attempt); v != payment.VerdictNotSent {
				t.Errorf("verdict %v", v)
			}
			r.expect(t, min(attempt, 2))
		}
		r.vault.put(right, nil)
		if v := r.send(t, 6); v != payment.VerdictNotSent {
			t.Errorf("verdict %v within the pause", v)
		}
		*r.clock = r.clock.Add(keyPause)
		for attempt := 7; attempt <= 9; attempt++ {
			if v := r.send(t, attempt); v != payment.VerdictSucceeded {
				t.Errorf("verdict %v", v)
			}
		}
		r.expect(t, 3)
		if got := r.executions(); got != 3 {
			t.Errorf("%d executions, want 3", got)
		}
	})
	t.Run("reads", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		r.vault.put(stale, nil)
		for range 3 {
			if r.readable(t) {
				t.Error("read with keys that are refused")
			}
			r.expect(t, 2)
		}
		r.vault.put(right, nil)
		*r.clock = r.clock.Add(keyPause)
		for range 2 {
			if !r.readable(t) {
				t.Error("not readable with the right keys")
			}
		}
		r.expect(t, 3)
	})
}

// TestKeysRotatedBeforeTheSend: this request is refused before iyzico looks at it, and only the next one uses the new keys.
//
// failure 24: the gateway alone
func TestKeysRotatedBeforeTheSend(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if v := r.send(t, 1); v != payment.VerdictSucceeded {
		t.Fatalf("verdict %v", v)
	}
	r.vault.put(rotated, nil)
	if v := r.send(t, 2); v != payment.VerdictSucceeded { // both pairs are valid at iyzico
		t.Errorf("verdict %v", v)
	}
	r.expect(t, 1)
	r.fake.SetKeys(atIyzico(fresh)...)
	if v := r.send(t, 3); v != payment.VerdictNotSent {
		t.Errorf("verdict %v", v)
	}
	if got := r.executions(); got != 2 {
		t.Errorf("%d executions, want 2: nothing is sent again by itself", got)
	}
	if v := r.send(t, 4); v != payment.VerdictSucceeded {
		t.Errorf("verdict %v", v)
	}
	r.expect(t, 2)
}

// TestKeysRotatedWhileTheAnswerIsOnItsWay: an answer to a request of the old keys, signed with the new ones, is the answer
// of the request all the same.
//
// failure 24: the gateway alone
func TestKeysRotatedWhileTheAnswerIsOnItsWay(t *testing.T) {
	t.Parallel()
	for name, left := range map[string][]Pair{"both valid": {fresh, right.Pair}, "the old one withdrawn at once": {fresh}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r rig
			r = newRigBehind(t, func(fake *iyzicotest.Server) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
					if req.URL.Path != "/payment/refund" {
						fake.ServeHTTP(w, req)
						return
					}
					// The request is judged by the keys of before, its answer signed with those of after.
					fake.SetKeys(atIyzico(fresh, right.Pair)...)
					r.vault.put(rotated, nil)
					fake.ServeHTTP(w, req)
					fake.SetKeys(atIyzico(left...)...)
				})
			})
			if v := r.send(t, 1); v != payment.VerdictSucceeded {
				t.Errorf("verdict %v", v)
			}
			r.expect(t, 2)
			if v := r.send(t, 2); v != payment.VerdictSucceeded {
				t.Errorf("verdict %v", v)
			}
			r.expect(t, 2)
			if got := r.executions(); got != 2 {
				t.Errorf("%d executions, want 2", got)
			}
		})
	}
}

// TestAnAnswerSignedWithThePreviousKeyIsKnown: while both pairs are valid iyzico may sign with either.
func TestAnAnswerSignedWithThePreviousKeyIsKnown(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.vault.put(rotated, nil)
	r.fake.SetKeys(atIyzico(right.Pair, fresh)...)
	if v := r.send(t, 1); v != payment.VerdictSucceeded {
		t.Errorf("verdict %v", v)
	}
	r.expect(t, 1)
}

// TestAnswersOfAStrangersKeyStayUnknown, and ask for the secret no more often than refusals do.
func TestAnswersOfAStrangersKeyStayUnknown(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.vault.put(rotated, nil)
	r.fake.SetKeys(atIyzico(pairOf("canary-stranger-api", "canary-stranger-secret"), fresh, right.Pair)...)
	for attempt := 1; attempt <= 4; attempt++ {
		if v := r.send(t, attempt); v != payment.VerdictUnknown {
			t.Errorf("verdict %v", v)
		}
		r.expect(t, 2)
	}
	*r.clock = r.clock.Add(keyPause)
	r.send(t, 5)
	r.expect(t, 3)
}

// TestTheReportIsReadWithWhicheverPairWorks: with the pair that the secret holds by now, and with the previous one while the
// new one is not valid yet. Nothing is sent with the previous pair.
//
// failure 24: the gateway alone
func TestTheReportIsReadWithWhicheverPairWorks(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if !r.readable(t) {
		t.Fatal("not readable")
	}
	r.vault.put(rotated, nil)
	r.fake.SetKeys(atIyzico(fresh)...)
	if !r.readable(t) {
		t.Error("not readable with the pair of the rotated secret")
	}
	r.expect(t, 2)

	r.fake.SetKeys(atIyzico(right.Pair)...)
	for range 2 {
		if !r.readable(t) {
			t.Error("not readable with the previous pair")
		}
	}
	if v := r.send(t, 1); v != payment.VerdictNotSent || r.executions() != 0 {
		t.Errorf("verdict %v, %d executions: the previous pair signs no write", v, r.executions())
	}
	r.fake.SetKeys()
	if r.readable(t) {
		t.Error("readable with no pair at all")
	}
}

// TestWithThePreviousPairWithdrawnEverythingGoesOn, before and after it left the secret.
func TestWithThePreviousPairWithdrawnEverythingGoesOn(t *testing.T) {
	t.Parallel()
	for _, keys := range []Keys{rotated, completed} {
		r := newRig(t)
		r.vault.put(keys, nil)
		r.fake.SetKeys(atIyzico(fresh)...)
		if v := r.send(t, 1); v != payment.VerdictSucceeded || !r.readable(t) {
			t.Errorf("verdict %v", v)
		}
		r.expect(t, 1)
	}
}

// TestKeysThatWorkAreReadAgainWhenTheyAreOld, so that after keyLife nobody uses what the secret no longer holds. A secret that
// cannot be read then stops nothing.
func TestKeysThatWorkAreReadAgainWhenTheyAreOld(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(t, 1)
	r.vault.put(Keys{}, errors.New("denied"))
	*r.clock = r.clock.Add(keyLife - time.Second)
	r.send(t, 2)
	r.expect(t, 1)
	*r.clock = r.clock.Add(time.Second)
	for attempt := 3; attempt <= 5; attempt++ {
		if v := r.send(t, attempt); v != payment.VerdictSucceeded {
			t.Errorf("verdict %v", v)
		}
		r.expect(t, 2)
	}
	r.vault.put(completed, nil)
	*r.clock = r.clock.Add(keyPause)
	r.fake.SetKeys(atIyzico(fresh)...)
	for attempt := 6; attempt <= 8; attempt++ {
		if v := r.send(t, attempt); v != payment.VerdictSucceeded {
			t.Errorf("verdict %v", v)
		}
		r.expect(t, 3)
	}
}
