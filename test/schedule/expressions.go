package main

import (
	"fmt"
	"math/rand"
	"strings"
)

// Written by hand: the corners of robfig/cron's grammar, and what people write who know another cron.
var handWritten = strings.Split(strings.TrimSpace(`
* * * * *
0 3 * * *
*/5 * * * *
0 0 31 2 *
0 0 30 2 *
0 0 29 2 *
0 0 31 4,6,9,11 *
0 0 31 4,6,9,11 1
0 0 31 2,3 *
0 0 30-31 FEB *
0 0 31 2 MON
0 0 31 2 ?
0 0 31 2 *,1
0 0 31 2 */2
0 0 31 2 */1
0 0 31 2 0-6
, * * * *
* , * * *
* * , * *
* * , * 1
* * * , *
* * * * ,
* * 5 * ,
* * */2 * ,
,, * * * *
1,,2 * * * *
,1, * * * *
? ? ? ? ?
0 0 ? * ?
0 0 * * 7
0 0 * * 0-7
0 0 * * 1-7
0 0 * * 5-1
0 22-6 * * *
0 0 * * SUN
0 0 * * sun-sat
0 0 * * Mon,Wed,FRI
0 0 * * FRI-MON
0 0 * * MON-FRI/2
0 0 * * monday
0 0 * JAN *
0 0 * jan-mar,Dec *
0 0 * january *
0 0 * dec-jan *
0 0 L * *
0 0 LW * *
0 0 15W * *
0 0 * * 5L
0 0 * * 1#2
H H * * *
H/5 * * * *
60 * * * *
59 23 31 12 6
* 24 * * *
* * 0 * *
* * 32 * *
* * * 0 *
* * * 13 *
*/0 * * * *
*/1 * * * *
?/1 * * * *
?/2 * * * *
*/60 * * * *
*/9223372036854775807 * * * *
*/9223372036854775808 * * * *
5/10 * * * *
5-7-9 * * * *
5/10/2 * * * *
*-5 * * * *
*-foo-bar * * * *
?-x/5 * * * *
** * * * *
*5 * * * *
5* * * * *
+5 * * * *
-5 * * * *
5-+7 * * * *
5--7 * * * *
5- * * * *
007 * * * *
1_0 * * * *
0x5 * * * *
1.5 * * * *
1e1 * * * *
５ * * * *
*/+5 * * * *
*/-5 * * * *
*/ * * * *
/5 * * * *
*/5,*/7 * * * *
*/mon * * * *
0 0 1-mon * *
0 0 * * 1-fri
0 0 * mon *
mon * * * *
99999999999999999999 * * * *
0 0 * * * *
0 0 * * * 2026
0 0 0 * * ? 2026
0 0 * *
0 0
daily
hourly
@yearly
@annually
@monthly
@weekly
@daily
@midnight
@hourly
@reboot
@Daily
@DAILY
@daily 0
@
@every
@every 1h
@every 1h30m
@every 90s
@every 1.5h
@every 0.3h
@every .5h
@every 5.s
@every .s
@every 1h-5m
@every -5m
@every +5m
@every 0
@every +0
@every -0
@every 00
@every 1
@every 1d
@every 1w
@every 1 h
@every 1H
@every 100ms
@every 1500ms
@every 1ns
@every 1us
@every 1µs
@every 1μs
@every 2562047h
@every 2562047h47m16.854775807s
@every 2562047h47m16.854775808s
@every -2562047h47m16.854775808s
@every 2562048h
@every 9223372036854775807ns
@every 9223372036854775808ns
@every 99999999999999999999h
@every 1h1h
@every 0.000000000000000000000000001h
@every h
@every 1hm
TZ=Europe/Paris 0 3 * * *
CRON_TZ=Europe/Paris 0 3 * * *
CRON_TZ=Europe/Paris @daily
TZ=Nowhere 0 3 * * *
TZ=Europe/Paris
tz=Europe/Paris 0 3 * * *
0 3 * * * Europe/Paris
0 3 * * MON-
0 3 * * -MON
0 3 * * *;
0 3 * * *,
"0 3 * * *"
every day
`), "\n")

// Whitespace that can't stand in the list above.
var spaced = []string{
	"", " ", "\t", " 0 3 * * *", "0 3 * * * ", "0\t3\t*\t*\t*", "0  3   * * *", "0 3 * * *\n", "0\n3 * * *", "\u00a00 3 * * *",
	"0\u20033 * * *", "0\u0085" + "3 * * *", "0\ufeff3 * * *", "0\u200b3 * * *", "0\u30003 * * *", "0\u180e3 * * *",
	" @daily", "@daily ", "@daily\n", "@every  1h", "@every 1h ", "@every\t1h", "@every ", " TZ=Europe/Paris 0 3 * * *",
	"0 3 * *\x00 *", "0 3 * * \u212a",
}

type bound struct {
	low, high int
	names     []string
}

var bounds = []bound{
	{0, 59, nil},
	{0, 23, nil},
	{1, 31, nil},
	{1, 12, strings.Fields("jan feb mar apr may jun jul aug sep oct nov dec")},
	{0, 6, strings.Fields("sun mon tue wed thu fri sat")},
}

// expressions: by hand, then each odd piece in each field, then at random, valid and broken ones.
func expressions() []string {
	random := rand.New(rand.NewSource(1))
	all := append(append([]string{}, handWritten...), spaced...)
	for field := range bounds {
		for _, piece := range strings.Fields("* ? */2 ?/3 0 1 6 7 12 13 23 24 31 32 59 60 0-6 1-7 1-12 1-31 0-23 0-59 5-3 3/2 1-5/2 *,3 L # W -1 a , mon FEB 2-feb tue-5") {
			fields := strings.Fields("* * * * *")
			fields[field] = piece
			all = append(all, strings.Join(fields, " "))
		}
	}
	for len(all) < 2600 {
		all = append(all, randomExpression(random, 0.06))
	}
	for len(all) < 3600 {
		all = append(all, mutate(random, randomExpression(random, 0)))
	}
	return unique(all)
}

// randomExpression makes five fields; wrong is the share of numbers that may lie beyond the bounds.
func randomExpression(random *rand.Rand, wrong float64) string {
	fields := make([]string, len(bounds))
	for i, b := range bounds {
		parts := []string{}
		for n := 1 + random.Intn(3)*random.Intn(2); n > 0; n-- {
			parts = append(parts, randomRange(random, b, wrong))
		}
		fields[i] = strings.Join(parts, ",")
	}
	return strings.Join(fields, " ")
}

func randomRange(random *rand.Rand, b bound, wrong float64) string {
	value := func() string {
		if random.Float64() < wrong {
			return fmt.Sprint(b.low - 1 + random.Intn(2)*(b.high-b.low+2))
		}
		if b.names != nil && random.Intn(3) == 0 {
			name := b.names[random.Intn(len(b.names))]
			return []string{name, strings.ToUpper(name), strings.ToUpper(name[:1]) + name[1:]}[random.Intn(3)]
		}
		return fmt.Sprint(b.low + random.Intn(b.high-b.low+1))
	}
	step := fmt.Sprintf("/%d", 1+random.Intn(b.high/2))
	switch random.Intn(12) {
	case 0, 1, 2:
		return "*"
	case 3:
		return "?"
	case 4, 5:
		return "*" + step
	case 6:
		return value() + step
	case 7:
		return value() + "-" + value()
	case 8:
		return value() + "-" + value() + step
	default:
		return value()
	}
}

// mutate changes, drops or doubles one character.
func mutate(random *rand.Rand, text string) string {
	at := random.Intn(len(text))
	switch random.Intn(3) {
	case 0:
		return text[:at] + text[at+1:]
	case 1:
		return text[:at] + text[at:at+1] + text[at:]
	default:
		const odd = "*?/-,@# L7x+"
		i := random.Intn(len(odd))
		return text[:at] + odd[i:i+1] + text[at+1:]
	}
}

func unique(all []string) []string {
	seen := map[string]bool{}
	kept := []string{}
	for _, text := range all {
		if !seen[text] {
			seen[text] = true
			kept = append(kept, text)
		}
	}
	return kept
}
