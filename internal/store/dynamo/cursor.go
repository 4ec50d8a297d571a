package dynamo

import (
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/iade/iade/internal/payment"
)

const (
	maxCursor = 4096
	maxID     = 128 // longer than any account's id
)

// position is the last account of one shard that was listed; zero at the shard's start.
type position struct {
	Due string `json:"d,omitempty"`
	ID  string `json:"p,omitempty"`
	End bool   `json:"e,omitempty"` // the shard has no more
}

// positions is what a cursor holds: one position a shard.
type positions [shards]position

func (p position) before(q position) bool {
	if p.Due != q.Due {
		return p.Due < q.Due
	}
	return p.ID < q.ID
}

// encode gives the cursor, empty when every shard has ended.
func (p positions) encode() string {
	ended := true
	for _, position := range p {
		ended = ended && position.End
	}
	if ended {
		return ""
	}
	data, err := json.Marshal(p)
	if err != nil {
		panic("dynamo: positions are texts and flags: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(data)
}

// decodeCursor reads what encode wrote. Cursors travel through callers, so nothing in one is believed unchecked; a forged
// one that passes only lists from another place.
func decodeCursor(cursor string) (positions, error) {
	if cursor == "" {
		return positions{}, nil
	}
	refused := &payment.Error{Code: payment.CodeInvalidRequest, Field: "cursor", Message: "is not a cursor of this list"}
	if len(cursor) > maxCursor {
		return positions{}, refused
	}
	data, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return positions{}, refused
	}
	var list []position // an array would take a list of any length
	if err := json.Unmarshal(data, &list); err != nil || len(list) != shards {
		return positions{}, refused
	}
	for _, p := range list {
		if !p.valid() {
			return positions{}, refused
		}
	}
	return positions(list), nil
}

func (p position) valid() bool {
	if p.ID == "" || p.End {
		return p.ID == "" && p.Due == ""
	}
	due, err := time.Parse(sortableTime, p.Due)
	return err == nil && sortable(due) == p.Due && len(p.ID) <= maxID
}
