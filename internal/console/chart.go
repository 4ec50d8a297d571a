package console

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/words"
)

// chart is a small picture of bars. Its numbers stand beside it in words.
type chart struct {
	Bars []bar
	Says string // the same for who does not see it
}

// bar is one day of a chart, in the picture's own units.
type bar struct {
	X, Y, Width, Height int
	Middle              int
	Label               string
	Today               bool
}

// The picture's measures.
const (
	chartHeight = 96
	barWidth    = 36
	barStep     = 48
)

// chartOf draws amounts by day.
func chartOf(l words.Language, currency string, dates []string, amounts []decimal.Decimal) chart {
	most := decimal.Max(amounts[0], amounts[1:]...)
	var drawn chart
	var says []string
	for i, amount := range amounts {
		height := 0
		if most.Sign() > 0 && amount.Sign() > 0 {
			height = max(2, int(amount.Mul(decimal.NewFromInt(chartHeight)).Div(most).IntPart()))
		}
		x := 6 + i*barStep
		drawn.Bars = append(drawn.Bars, bar{
			X: x, Y: chartHeight - height + 4, Width: barWidth, Height: height, Middle: x + barWidth/2, Label: shortDate(l, dates[i]), Today: i == len(amounts)-1,
		})
		says = append(says, writtenDate(l, dates[i])+": "+l.Amount(amount.StringFixed(2), currency))
	}
	drawn.Says = strings.Join(says, "; ")
	return drawn
}

// shortDate writes a day for the foot of a bar.
func shortDate(l words.Language, date string) string {
	at, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return ""
	}
	if l == words.Turkish {
		return at.Format("02.01")
	}
	return at.Format("2 Jan")
}

func nextDay(date string) string {
	at, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return at.AddDate(0, 0, 1).Format(time.DateOnly)
}

func splitList(list string) []string { return strings.Split(list, ",") }
