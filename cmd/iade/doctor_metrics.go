package main

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

const (
	// counted is how far back the stack's metrics are summed up.
	counted = time.Hour
	// heartbeat is how long the reconciler, which runs every minute, may be silent.
	heartbeat = 10 * time.Minute
)

// lookAtAlarms names the alarms that sound.
func (p *patient) lookAtAlarms(ctx context.Context, watch *cloudwatch.Client) finding {
	const check = "alarms"
	prefix := p.stack + "-Observability-" // the stack within the stack; CloudFormation puts its name before those of its alarms
	var sections []string
	pages := cloudwatch.NewDescribeAlarmsPaginator(watch, &cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: &prefix, StateValue: types.StateValueAlarm})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return awsUnreadable(check, "cloudwatch:DescribeAlarms")
		}
		for _, alarm := range page.MetricAlarms {
			// The template's test holds that each description ends so.
			if _, section, ok := strings.Cut(aws.ToString(alarm.AlarmDescription), "docs/operate.md#"); ok {
				sections = append(sections, section)
			}
		}
	}
	if len(sections) == 0 {
		return fine(check, text{"no alarm sounds", "çalan alarm yok"})
	}
	all := strings.Join(sections, ", ")
	return problem(check, filled(text{"%d sound: %s", "%d alarm çalıyor: %s"}, len(sections), all),
		text{"docs/operate.md has a section of that name for each", "docs/operate.md içinde her birinin aynı adlı bölümü var"})
}

// counts are sums of the stack's metrics over the last hour; passes are those of the last ten minutes, and used is the most that was used
// of a limit of the merchant's own, in percent.
type counts struct{ passes, refused, waits, due, published, verified, forged, used float64 }

// lookAtMetrics sums up what the functions counted, which the API does not tell.
func (p *patient) lookAtMetrics(ctx context.Context, watch *cloudwatch.Client) []finding {
	c, err := p.count(ctx, watch)
	if err != nil {
		return []finding{awsUnreadable("metrics", "cloudwatch:GetMetricData")}
	}
	found := []finding{fine("reconciler", filled(text{"%.0f passes in the last ten minutes", "son on dakikada %.0f tur"}, c.passes))}
	if c.passes == 0 {
		found[0] = problem("reconciler", text{"no pass for ten minutes: nothing that is unknown settles", "on dakikadır hiç tur yok: bilinmeyen hiçbir işlem sonuçlanmıyor"},
			text{"docs/operate.md#heartbeat-missing", "docs/operate.md#heartbeat-missing"})
	}
	if c.refused > 0 {
		found = append(found, problem("stack's keys", filled(text{"iyzico refused the keys %.0f times in the last hour, or they could not be read", "iyzico son bir saatte anahtarları %.0f kez reddetti veya anahtarlar okunamadı"}, c.refused),
			text{"put the right keys into the secret (the stack's output PutIyzicoKeys); -keys tries them", "gizli değere doğru anahtarları koyun (yığının PutIyzicoKeys çıktısı); -keys dener"}))
	}
	if c.waits > 0 {
		found = append(found, problem("limits", filled(text{"%.0f calls waited in the last hour for the limit of calls a minute", "son bir saatte %.0f çağrı dakikalık sınırı bekledi"}, c.waits),
			text{"send fewer at once, or agree a higher limit with iyzico and set RateLimitPerMinute", "aynı anda daha az gönderin veya iyzico ile daha yüksek sınır kararlaştırıp RateLimitPerMinute değerini artırın"}))
	}
	found = append(found, ownLimit(int64(c.used), "LimitUsed")...)
	if c.due > 0 && c.published == 0 {
		found = append(found, problem("events", filled(text{"%.0f changes became due in the last hour, and not one event was published", "son bir saatte %.0f değişiklik yayımlanmalıydı, hiç olay yayımlanmadı"}, c.due),
			text{"docs/operate.md#nothing-published", "docs/operate.md#nothing-published"}))
	}
	return append(found, c.notices())
}

// notices judges what came to the webhook.
func (c counts) notices() finding {
	switch {
	case c.verified > 0:
		return fine("webhook", filled(text{"%.0f notices of iyzico's verified in the last hour", "son bir saatte iyzico'nun %.0f bildirimi doğrulandı"}, c.verified))
	case c.forged > 0:
		return problem("webhook", filled(text{"%.0f notices came in the last hour, and not one verified", "son bir saatte %.0f bildirim geldi, hiçbiri doğrulanmadı"}, c.forged),
			text{"docs/operate.md#notices-refused", "docs/operate.md#notices-refused"})
	}
	return skipped("webhook", text{"no notice of iyzico's came in the last hour: where some should, look at the address in its panel (the stack's output IyzicoWebhookUrl)",
		"son bir saatte iyzico'dan bildirim gelmedi: gelmesi gerekiyorsa iyzico panelindeki adrese bakın (yığının IyzicoWebhookUrl çıktısı)"})
}

func (p *patient) count(ctx context.Context, watch *cloudwatch.Client) (c counts, err error) {
	namespace := "iade/" + p.stack
	minutely := func(id, metric, stat string) types.MetricDataQuery {
		return types.MetricDataQuery{Id: &id, MetricStat: &types.MetricStat{
			Metric: &types.Metric{Namespace: &namespace, MetricName: &metric}, Period: aws.Int32(60), Stat: &stat,
		}}
	}
	sum := func(id, metric string) types.MetricDataQuery { return minutely(id, metric, "Sum") }
	of := map[string]*float64{
		"passes": &c.passes, "refused": &c.refused, "waits": &c.waits, "due": &c.due, "published": &c.published, "verified": &c.verified, "forged": &c.forged,
		"used": &c.used,
	}
	pages := cloudwatch.NewGetMetricDataPaginator(watch, &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(p.now.Add(-counted)), EndTime: &p.now,
		MetricDataQueries: []types.MetricDataQuery{
			sum("passes", "ReconcilePasses"), sum("refused", "KeysRefused"), sum("due", "EventsDue"), sum("published", "EventsPublished"),
			sum("verified", "NoticesVerified"), sum("forged", "NoticesRefused"), minutely("used", "LimitUsed", "Maximum"),
			{Id: aws.String("waits"), Expression: aws.String(`SUM(SEARCH('{"` + namespace + `",function} MetricName="RateLimitWaits"', 'Sum', 60))`)},
		},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return counts{}, err
		}
		for _, result := range page.MetricDataResults {
			total := of[aws.ToString(result.Id)]
			for i, value := range result.Values {
				if total == nil || i >= len(result.Timestamps) || total == &c.passes && p.now.Sub(result.Timestamps[i]) > heartbeat {
					continue
				}
				if total == &c.used {
					*total = max(*total, value)
					continue
				}
				*total += value
			}
		}
	}
	return c, nil
}
