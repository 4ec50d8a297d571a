package payment

import (
	"encoding/json"
	"fmt"
	"time"
)

// Published is a Change in the form in which EventBridge gives it to consumers (contract §4). Its time is that of the
// change, so a repeated event is the same event.
type Published struct {
	Source     string    `json:"source"`
	DetailType string    `json:"detail-type"`
	Time       time.Time `json:"time"`
	Detail     Detail    `json:"detail"`
}

// Published is the event of the change.
func (c Change) Published() Published {
	return Published{EventSource, c.DetailType, c.Detail.UpdatedAt, c.Detail}
}

// DetailJSON is the event's detail as text.
func (p Published) DetailJSON() (string, error) {
	data, err := json.Marshal(p.Detail)
	if err != nil {
		return "", fmt.Errorf("write the event of %s: %w", p.Detail.ID, err)
	}
	return string(data), nil
}

// Account names the account that the event is about: the payment, or the fund payment itself while it has none.
func (d Detail) Account() string {
	if id, ok := AccountOf(d.ID); ok {
		return string(id)
	}
	return d.ID
}
