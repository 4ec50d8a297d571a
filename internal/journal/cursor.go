package journal

import (
	"encoding/base64"
	"strings"
	"time"

	"github.com/iade/iade/internal/payment"
)

// cursorMark tells a cursor of the journal from those of other lists.
const cursorMark = "j."

const maxCursor = 512

// encodeCursor hides the position of the last entry that was looked at.
func encodeCursor(position string) string {
	return cursorMark + base64.RawURLEncoding.EncodeToString([]byte(position))
}

// decodeCursor reads what encodeCursor wrote. A cursor travels through callers, so nothing in one is believed unchecked; a
// forged one that passes only lists from another moment.
func decodeCursor(cursor string) (position string, err error) {
	if cursor == "" {
		return "", nil
	}
	text, ours := strings.CutPrefix(cursor, cursorMark)
	data, err := base64.RawURLEncoding.DecodeString(text)
	if position = string(data); ours && err == nil && len(cursor) <= maxCursor && validPosition(position) {
		return position, nil
	}
	return "", &payment.Error{Code: payment.CodeInvalidRequest, Field: "cursor", Message: "is not a cursor of this list"}
}

func validPosition(position string) bool {
	at, id, found := strings.Cut(position, "#")
	t, err := time.Parse(sortableTime, at)
	return found && err == nil && PositionAt(t) == at && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789_") == "" && id != ""
}
