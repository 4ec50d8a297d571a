package main

import (
	"context"
	"fmt"
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
	// noticed is how far back iyzico's notices are looked for.
	noticed = 14 * 24 * time.Hour
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

// counts are sums of the stack's metrics over the last hour. But passes are those of the last ten minutes, notices (verified, forged) those of
// the last two weeks, and used is the most that was used of a limit of the merchant's own, in percent.
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
		return fine("webhook", filled(text{"%.0f notices of iyzico's verified in the last two weeks", "son iki haftada iyzico'nun %.0f bildirimi doğrulandı"}, c.verified))
	case c.forged > 0:
		return problem("webhook", filled(text{"%.0f notices came in the last two weeks, and not one verified", "son iki haftada %.0f bildirim geldi, hiçbiri doğrulanmadı"}, c.forged),
			text{"docs/operate.md#notices-refused", "docs/operate.md#notices-refused"})
	}
	return skipped("webhook", text{"no notice of iyzico's came in the last two weeks: where some should, look at the address in its panel (the stack's output IyzicoWebhookUrl)",
		"son iki haftada iyzico'dan bildirim gelmedi: gelmesi gerekiyorsa iyzico panelindeki adrese bakın (yığının IyzicoWebhookUrl çıktısı)"})
}

// series is one metric of the stack's, and what its values are added up to, or their maximum.
type series struct {
	name   string
	stat   string
	within time.Duration // how far back values count
	into   *float64
}

func (p *patient) count(ctx context.Context, watch *cloudwatch.Client) (c counts, err error) {
	recent := map[string]series{
		"passes": {"ReconcilePasses", "Sum", heartbeat, &c.passes}, "refused": {"KeysRefused", "Sum", counted, &c.refused},
		"waits": {"RateLimitWaits", "Sum", counted, &c.waits}, "used": {"LimitUsed", "Maximum", counted, &c.used},
		"due": {"EventsDue", "Sum", counted, &c.due}, "published": {"EventsPublished", "Sum", counted, &c.published},
	}
	notices := map[string]series{"verified": {"NoticesVerified", "Sum", noticed, &c.verified}, "forged": {"NoticesRefused", "Sum", noticed, &c.forged}}
	if err = p.sumUp(ctx, watch, counted, time.Minute, recent); err == nil {
		err = p.sumUp(ctx, watch, noticed, time.Hour, notices)
	}
	return c, err
}

// sumUp reads metrics by their periods, from so long ago on.
func (p *patient) sumUp(ctx context.Context, watch *cloudwatch.Client, back, period time.Duration, all map[string]series) error {
	namespace, seconds := "iade/"+p.stack, int32(period/time.Second)
	in := &cloudwatch.GetMetricDataInput{StartTime: aws.Time(p.now.Add(-back)), EndTime: &p.now}
	for id, one := range all {
		query := types.MetricDataQuery{Id: aws.String(id), MetricStat: &types.MetricStat{
			Metric: &types.Metric{Namespace: &namespace, MetricName: aws.String(one.name)}, Period: &seconds, Stat: aws.String(one.stat),
		}}
		if one.name == "RateLimitWaits" { // of each function one
			query.MetricStat = nil
			query.Expression = aws.String(fmt.Sprintf(`SUM(SEARCH('{"%s",function} MetricName="%s"', '%s', %d))`, namespace, one.name, one.stat, seconds))
		}
		in.MetricDataQueries = append(in.MetricDataQueries, query)
	}
	pages := cloudwatch.NewGetMetricDataPaginator(watch, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("read metrics: %w", err)
		}
		for _, result := range page.MetricDataResults {
			one, asked := all[aws.ToString(result.Id)]
			for i, value := range result.Values {
				switch {
				case !asked || i >= len(result.Timestamps) || p.now.Sub(result.Timestamps[i]) > one.within:
				case one.stat == "Maximum":
					*one.into = max(*one.into, value)
				default:
					*one.into += value
				}
			}
		}
	}
	return nil
}
