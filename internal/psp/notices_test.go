package psp

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico"
)

// The vectors of the php SDK's sample webhook_Signature_Validation (docs/iyzico.md §7).
const (
	noticeKey       = "sandbox-UuLnD7wZa0a3DmytfIrwHQqAMfqCNJrs"
	directSignature = "92c7a72b7741bc83eb696066605c894778c87297b2c88d6037670666230e18ae"
	hostedSignature = "4031c575763486a2d2bf3f7ace0baebfcd6bed65393ab4df3fe80c00d5fd6878"

	directNotice = `{"paymentConversationId":"conversationId","merchantId":123,"paymentId":22484059,"status":"SUCCESS","iyziReferenceCode":"ref-1",` +
		`"iyziEventType":"API_AUTH","iyziEventTime":1781209779000,"iyziPaymentId":22484059,"new":{"of":["iyzico"]}}`
	hostedNotice = `{"paymentConversationId":"conversationId","merchantId":"123","token":"e828c62d-fd12-4b1a-ad5a-380f15fe6596","status":"SUCCESS",` +
		`"iyziReferenceCode":"ref-2","iyziEventType":"CHECKOUT_FORM_AUTH","iyziEventTime":1781209779000,"iyziPaymentId":"22483975"}`
)

type noticeRig struct {
	*Notices
	t     *testing.T
	vault *vault
	clock time.Time
}

func newNotices(t *testing.T, merchantID string, k Keys) *noticeRig {
	t.Helper()
	r := &noticeRig{t: t, vault: &vault{keys: k}, clock: time.Date(2031, 3, 10, 9, 0, 0, 0, time.UTC)}
	r.Notices = NewNotices(r.vault.read, merchantID, func() time.Time { return r.clock })
	return r
}

func (r *noticeRig) verifies(body, signature string) bool {
	r.t.Helper()
	_, ok, err := r.Read(r.t.Context(), []byte(body), signature)
	if err != nil {
		r.t.Fatal(err)
	}
	return ok
}

func TestANoticeOfBothFormatsIsReadWithBothKeys(t *testing.T) {
	t.Parallel()
	old, current := pairOf("a", noticeKey), pairOf("b", "another")
	for name, k := range map[string]Keys{
		"the only pair": {Pair: old}, "the current pair": {Pair: old, Previous: current}, "the previous pair": {Pair: current, Previous: old},
	} {
		r := newNotices(t, "", k)
		for body, want := range map[string]payment.Notice{
			directNotice: {PaymentID: "22484059", ConversationID: "conversationId", Code: payment.HashCode("ref-1")},
			hostedNotice: {PaymentID: "22483975", ConversationID: "conversationId", Code: payment.HashCode("ref-2")},
		} {
			signature := directSignature
			if body == hostedNotice {
				signature = hostedSignature
			}
			if got, ok, err := r.Read(t.Context(), []byte(body), signature); err != nil || !ok || got != want {
				t.Errorf("%s: %+v %v %v, want %+v", name, got, ok, err, want)
			}
			for _, forged := range []string{"", "x", strings.ToUpper(signature), hostedSignature[:63] + "0"} {
				if got, ok, err := r.Read(t.Context(), []byte(body), forged); ok || err != nil || got != (payment.Notice{}) {
					t.Errorf("%s: signature %q: %+v %v %v", name, forged, got, ok, err)
				}
			}
		}
	}
}

// TestOnlyThisMerchantsNoticesCount where the merchant is set, whichever way its id is written.
func TestOnlyThisMerchantsNoticesCount(t *testing.T) {
	t.Parallel()
	k := Keys{Pair: pairOf("a", noticeKey)}
	nameless := strings.Replace(directNotice, `"merchantId":123,`, "", 1)
	for merchant, want := range map[string][3]bool{"": {true, true, true}, "123": {true, true, false}, "124": {false, false, false}} {
		r := newNotices(t, merchant, k)
		got := [3]bool{r.verifies(directNotice, directSignature), r.verifies(hostedNotice, hostedSignature), r.verifies(nameless, directSignature)}
		if got != want {
			t.Errorf("merchant %q: number, text, none: %v, want %v", merchant, got, want)
		}
	}
}

func TestOnlyARetriedRefundIsOne(t *testing.T) {
	t.Parallel()
	r := newNotices(t, "", Keys{Pair: pairOf("a", noticeKey)})
	for event, want := range map[string]bool{
		"REFUND_RETRY_SUCCESS": true, "REFUND_RETRY_FAILURE": true, "REFUND_RETRY_NEW_WORD": true,
		"API_AUTH": false, "REFUND_RETRY": false, "CONTACTLESS_REFUND": false, "X_REFUND_RETRY_SUCCESS": false,
		"REFUND_RETRY_SUCCESS2248": false, // digits of another payment's id, moved to where the signature covers them as well
	} {
		body := strings.Replace(directNotice, "API_AUTH", event, 1)
		notice, ok, err := r.Read(t.Context(), []byte(body), iyzico.WebhookSignatureDirect(noticeKey, event, "22484059", "conversationId", "SUCCESS"))
		if err != nil || !ok || notice.Retried != want {
			t.Errorf("%s: %+v %v %v, want %v", event, notice, ok, err, want)
		}
	}
}

// TestKeysAreReadAgainForNotices: a rotated key counts within a minute, and strangers cannot have the secret read more often.
func TestKeysAreReadAgainForNotices(t *testing.T) {
	t.Parallel()
	r := newNotices(t, "", Keys{Pair: pairOf("b", "another")})
	for range 100 {
		if r.verifies(directNotice, directSignature) {
			t.Fatal("it verifies with another key")
		}
		r.clock = r.clock.Add(500 * time.Millisecond)
	}
	if r.vault.reads != 1 {
		t.Errorf("%d reads of the secret in 50 seconds", r.vault.reads)
	}
	r.vault.put(Keys{Pair: pairOf("a", noticeKey)}, nil)
	if r.clock = r.clock.Add(10 * time.Second); !r.verifies(directNotice, directSignature) || r.vault.reads != 2 {
		t.Errorf("the rotated key does not count after a minute; %d reads", r.vault.reads)
	}
	r.vault.put(Keys{}, errors.New("away"))
	if r.clock = r.clock.Add(2 * keyLife); !r.verifies(directNotice, directSignature) || r.vault.reads != 3 {
		t.Errorf("the keys of before are not used; %d reads", r.vault.reads)
	}
	if !r.verifies(directNotice, directSignature) || r.vault.reads != 3 {
		t.Errorf("a secret that is away is read at each notice: %d reads", r.vault.reads)
	}
}

func TestANoticeWithoutKeysIsNotToldApart(t *testing.T) {
	t.Parallel()
	r := newNotices(t, "", Keys{})
	r.vault.put(Keys{}, errors.New("denied"))
	for range 20 {
		if _, ok, err := r.Read(t.Context(), []byte(directNotice), directSignature); ok || !errors.Is(err, ErrKeysUnreadable) {
			t.Fatalf("%v %v", ok, err)
		}
		r.clock = r.clock.Add(500 * time.Millisecond)
	}
	if r.vault.reads != 2 {
		t.Errorf("%d reads of the secret in 10 seconds", r.vault.reads)
	}
	r.vault.put(Keys{Pair: pairOf("a", noticeKey)}, nil)
	if r.clock = r.clock.Add(noticeRetry); !r.verifies(directNotice, directSignature) {
		t.Error("it does not verify once the keys are there")
	}
}
