package console

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

var keyPattern = regexp.MustCompile(`^console-[0-9a-f]{40}$`)

// keyOf is the idempotency key of the next refund that a person asks for on a payment: it stands for the payment as the person sees
// it, with all that was given back and is under way. Two tabs, two people, a restarted console draw the same one, so that one of
// them pays; once something was given back, the page that shows that has the next key. An operation that was not sent leaves its key
// free, and counts for nothing here.
func keyOf(p *Payment) string {
	seen := []string{p.PaymentID, p.RefundedAmount, p.ReservedAmount}
	for _, op := range p.Operations {
		if op.Status != "not_sent" {
			seen = append(seen, op.ID+" "+op.Status)
		}
	}
	slices.Sort(seen[3:])
	sum := sha256.Sum256([]byte(strings.Join(seen, "\n")))
	return "console-" + hex.EncodeToString(sum[:20])
}

// giveBackPath is the page that draws a form with a key. The key is part of the address, so that going back and loading the page
// again draw the same form.
func giveBackPath(paymentID, key string) string {
	return fmt.Sprintf("%spayments/%s/give-back?%s", Root, url.PathEscape(paymentID), url.Values{"key": {key}}.Encode())
}
