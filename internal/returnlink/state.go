package returnlink

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/iade/iade/internal/payment"

	"github.com/iade/iade/internal/secret"
)

// lifetime of a state: iyzico's link may still work long after its refund was given up, and a return must then be
// seen. No rule lets a payment be refunded after 365 days.
const lifetime = 400 * 24 * time.Hour

// macBytes of the HMAC-SHA256 are kept: 128 bits that nobody guesses, in 22 characters.
const macBytes = 16

// maxState bounds what is looked at: the longest id has 39 characters.
const maxState = 100

// Path is where browsers come back to; the state follows.
const Path = "/balance-callback/"

// Pages makes the callback's address, and seals and opens the url of iyzico's page. It is safe for concurrent use.
type Pages struct {
	publicURL string
	keys      Source
}

// New makes Pages. publicURL is the origin at which customers' browsers reach the API; "" where none is made.
func New(publicURL string, keys Source) *Pages { return &Pages{publicURL, keys} }

// CallbackURL is where iyzico sends the customer's browser of an operation: valid for 400 days from now.
func (p *Pages) CallbackURL(ctx context.Context, operationID string, now time.Time) (string, error) {
	keys, err := p.keys(ctx, false)
	if err != nil {
		return "", fmt.Errorf("sign the callback's state: %w", err)
	}
	hours := now.Add(lifetime).Unix() / int64(time.Hour/time.Second)
	signed, err := sign(keys.Current, operationID, strconv.FormatInt(hours, 36))
	if err != nil {
		return "", fmt.Errorf("sign the callback's state: %w", err)
	}
	return p.publicURL + Path + signed, nil
}

// Verify gives the operation that a state was made for. ok is false for everything that was not signed with one of the
// keys, or whose time is over. An error says that the keys cannot be had.
func (p *Pages) Verify(ctx context.Context, state string, now time.Time) (operationID string, ok bool, err error) {
	operationID, expiry, ok := parse(state)
	if !ok {
		return "", false, nil
	}
	for _, fresh := range []bool{false, true} {
		keys, err := p.keys(ctx, fresh)
		if err != nil {
			return "", false, fmt.Errorf("verify the callback's state: %w", err)
		}
		for _, key := range keys.all() {
			signed, err := sign(key, operationID, expiry)
			if err != nil {
				return "", false, fmt.Errorf("verify the callback's state: %w", err)
			}
			if hmac.Equal([]byte(signed), []byte(state)) {
				hours, err := strconv.ParseInt(expiry, 36, 64)
				return operationID, err == nil && now.Unix()/int64(time.Hour/time.Second) <= hours, nil
			}
		}
	}
	return "", false, nil
}

// sign gives the whole state: id, expiry in hours since 1970 (base 36) and HMAC, with dots between.
func sign(by secret.Text, operationID, expiry string) (string, error) {
	key, err := derive(by, forState)
	if err != nil {
		return "", err
	}
	text := operationID + "." + expiry
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:macBytes]), nil
}

func parse(state string) (operationID, expiry string, ok bool) {
	if len(state) > maxState {
		return "", "", false
	}
	parts := strings.Split(state, ".")
	if len(parts) != 3 || len(parts[1]) > 12 || !strings.HasPrefix(parts[0], "rf_") {
		return "", "", false
	}
	_, ok = payment.AccountOf(parts[0])
	return parts[0], parts[1], ok
}
