package bulk

import (
	"crypto/sha256"
	"encoding/base32"
	"strconv"
	"strings"

	"github.com/iade/iade/internal/payment"
)

// DefaultKeyPrefix begins the keys that are made from lines. Another prefix makes other keys, and so other refunds.
const DefaultKeyPrefix = "bulk-"

// MaxKeyPrefix is the longest prefix, in characters: prefix and hash together are far below a key's 255.
const MaxKeyPrefix = 100

var keyEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// madeKey is the key of a line that brings none: a hash of what is refunded for what (payment, line, amount by value,
// reference) and of how many times the file said so before. Neither the file's name nor the line's place counts, so the
// same file twice, a file in another order, or the rest of a file refund once. A line whose reason was changed keeps its
// key, and is refused by iade as another request.
//
// This must never change: a later version that made other keys would refund old files again.
func madeKey(prefix string, c payment.Command, occurrence int) string {
	amount := columnFull
	if !c.Full {
		amount = c.Amount.Decimal().StringFixed(2)
	}
	said := strings.Join([]string{"iade bulk", c.PaymentID, c.LineID, amount, c.Reference, strconv.Itoa(occurrence)}, "\x00")
	sum := sha256.Sum256([]byte(said))
	return prefix + keyEncoding.EncodeToString(sum[:16])
}
