package psp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico"
)

// Notices reads iyzico's notices with the keys of their secret, whichever of the two a notice is signed with. It keeps the keys
// for a while, and reads them again when a notice does not verify: strangers can have them read once a minute and process.
type Notices struct {
	keys       func(context.Context) (Keys, error)
	merchantID string
	now        func() time.Time

	mu      sync.Mutex
	held    Keys
	readAt  time.Time // when held was read; zero = never
	triedAt time.Time // when reading was last tried
}

// noticeRetry is the least time between two tries to read keys that could not be read yet.
const noticeRetry = 5 * time.Second

// NewNotices makes a Notices. keys quotes nothing of the keys in its error. merchantID is the merchant whose notices count; ""
// = whoever they name, for the signature proves that they are ours. It connects to nothing.
func NewNotices(keys func(context.Context) (Keys, error), merchantID string, now func() time.Time) *Notices {
	return &Notices{keys: keys, merchantID: merchantID, now: now}
}

// Read gives the notice in a body, if its signature is of one of the keys and it names the merchant. ok is false for everything
// else. ErrKeysUnreadable: it cannot be told.
func (n *Notices) Read(ctx context.Context, body []byte, signature string) (notice payment.Notice, ok bool, err error) {
	keys, err := n.latest(ctx, keyLife)
	if err != nil {
		return payment.Notice{}, false, err
	}
	hook, err := readHook(body, signature, keys)
	if errors.Is(err, iyzico.ErrWebhookSignature) {
		newer, unread := n.latest(ctx, keyPause)
		if unread == nil && newer != keys {
			hook, err = readHook(body, signature, newer)
		}
	}
	if err != nil || n.merchantID != "" && hook.MerchantID != n.merchantID {
		return payment.Notice{}, false, nil //nolint:nilerr // a stranger's, whatever is wrong with it
	}
	notice = payment.Notice{PaymentID: hook.PaymentID, ConversationID: hook.PaymentConversationID, Retried: retried(hook.EventType)}
	if hook.ReferenceCode != "" {
		notice.Code = payment.HashCode(hook.ReferenceCode)
	}
	return notice, true, nil
}

func readHook(body []byte, signature string, keys Keys) (*iyzico.Webhook, error) {
	return iyzico.ReadWebhook(bytes.NewReader(body), signature,
		iyzico.Secret(keys.SecretKey.Reveal()), iyzico.Secret(keys.Previous.SecretKey.Reveal()))
}

// retried tells whether an event says that iyzico tried a refund again. The signature joins its values without a mark between
// them, so digits of the payment's id can be moved to the event's name: a name with digits is none of these.
func retried(eventType string) bool {
	return strings.HasPrefix(eventType, "REFUND_RETRY_") && !strings.ContainsAny(eventType, "0123456789")
}

// latest gives keys that were read no longer ago than age, or those of before where they cannot be read again.
func (n *Notices) latest(ctx context.Context, age time.Duration) (Keys, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.now()
	pause := noticeRetry
	if !n.readAt.IsZero() {
		if now.Sub(n.readAt) < age {
			return n.held, nil
		}
		pause = keyPause
	}
	var keys Keys
	err := errors.New("they could not be read a moment ago")
	if n.triedAt.IsZero() || now.Sub(n.triedAt) >= pause {
		n.triedAt = now
		ctx, cancel := context.WithTimeout(ctx, keyTime)
		defer cancel()
		keys, err = n.keys(ctx)
	}
	switch {
	case err == nil:
		n.held, n.readAt = keys, now
	case n.readAt.IsZero():
		return Keys{}, fmt.Errorf("%w: %w", ErrKeysUnreadable, err)
	}
	return n.held, nil
}
