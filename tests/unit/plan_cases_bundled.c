// SPDX-License-Identifier: Apache-2.0
//
// What the planner answers about the bundled data sets, by the same constructs as about small ones.
// Answers were worked out from the tables by hand, or by SQL of another shape; cells are joined by
// "|", rows by ";".
#include "tests/unit/check.h"
#include "tests/unit/plan_data.h"

static const struct plan_case constructs_are_answered_on_bird_strikes_cases[] = {
    {"datasets/birdstrikes", "what percentage of strikes happened in Texas", "1495|10000|14.95"},
    {"datasets/birdstrikes", "what share of strikes in 2000 were at night", "371|1065|34.8357"},
    {"datasets/birdstrikes",
     "what percentage of strikes caused substantial damage by wildlife size",
     "Large|99|744|13.3065;Medium|142|4346|3.2674;Small|70|4910|1.4257"},
    {"datasets/birdstrikes", "share of strikes by time of day",
     "Day|5624|56.24;Night|3363|33.63;Dusk|584|5.84;Dawn|429|4.29"},
    {"datasets/birdstrikes", "how many more strikes did Texas have than Ohio", "1495|210|1285"},
    {"datasets/birdstrikes", "difference in total cost between Texas and Ohio",
     "7798739|80258|7718481"},
    {"datasets/birdstrikes", "growth of strikes by year since 1999",
     "1999|941|-;2000|1065|13.1775;2001|1095|2.8169;2002|627|-42.7397"},
    {"datasets/birdstrikes", "average number of strikes per airport", "200"},
    {"datasets/birdstrikes", "median speed by phase of flight",
     "Descent|250;Climb|165;Approach|140;Take-off run|125;Landing Roll|115;Taxi|15;Parked|0"},
    {"datasets/birdstrikes", "how many strikes were at dawn or dusk", "1013"},
    {"datasets/birdstrikes", "how many strikes in Texas or with a total cost over one million",
     "1502"},
    {"datasets/birdstrikes", "number of strikes by decade", "1990s|7213;2000s|2787"},
    {"datasets/birdstrikes", "how many strikes last year", "1095"},
    {"datasets/birdstrikes",
     "how many strikes happened in Texas => and in Ohio? => as a percentage", "210|10000|2.1"},
    {"datasets/birdstrikes", "number of strikes by phase of flight => the top 2 => only at night",
     "Approach|2146;Climb|607"},
    {"datasets/birdstrikes", "which operators had strikes in both Hawaii and Oregon",
     "AMERICAN AIRLINES;BUSINESS;CONTINENTAL AIRLINES;DELTA AIR LINES;FEDEX "
     "EXPRESS;MILITARY;NORTHWEST AIRLINES;UNITED AIRLINES;UNKNOWN"},
    {"datasets/birdstrikes", "which state has the highest percentage of strikes at night",
     "New Jersey|176|351|50.1425"},
    {"datasets/birdstrikes", "top 3 states by share of strikes",
     "Texas|1495|14.95;California|890|8.9;Louisiana|618|6.18"},
    {"datasets/birdstrikes",
     "which wildlife size has the highest share of strikes that caused substantial damage",
     "Large|99|744|13.3065"},
    {"datasets/birdstrikes", "strikes in Texas vs California by year",
     "1990|79|38|41;1991|116|31|85;1992|132|46|86;1993|118|44|74;1994|104|57|47;1995|85|84|1;1996|"
     "100|69|31;1997|131|90|41;1998|112|87|25;1999|123|93|30;2000|138|100|38;2001|174|81|93;2002|"
     "83|70|13"},
    {"datasets/birdstrikes", "show me the trend of strikes over time",
     "1990|463;1991|571;1992|657;1993|677;1994|667;1995|713;1996|752;1997|865;1998|907;1999|941;"
     "2000|1065;2001|1095;2002|627"},
};

TEST(constructs_are_answered_on_bird_strikes) {
    plan_check_cases(constructs_are_answered_on_bird_strikes_cases,
                     ARRAY_LENGTH(constructs_are_answered_on_bird_strikes_cases));
}

static const struct plan_case constructs_are_answered_on_weather_cases[] = {
    {"datasets/weather", "what percentage of days in Seattle had rain", "641|1461|43.8741"},
    {"datasets/weather", "share of days by weather in New York",
     "sun|826|56.5366;rain|446|30.527;snow|93|6.3655;drizzle|58|3.9699;fog|38|2.601"},
    {"datasets/weather", "difference in average wind between Seattle and New York",
     "3.2411|4.9611|-1.72"},
    {"datasets/weather", "total precipitation by quarter in Seattle in 2014",
     "2014-Q1|489.2;2014-Q2|204.9;2014-Q3|122.3;2014-Q4|416.4"},
    {"datasets/weather", "median precipitation by city", "New York|0;Seattle|0"},
    {"datasets/weather", "is there a day with more than 150 mm of precipitation", "0"},
    {"datasets/weather", "hottest day in each city",
     "New York|2013-07-18|37.8;Seattle|2014-08-11|35.6"},
    {"datasets/weather", "how many days had snow in the last year of the data", "20"},
    {"datasets/weather",
     "average maximum temperature by month in Seattle in 2014 => and in New York?",
     "2014-01|2.2935;2014-02|3.0071;2014-03|7.6903;2014-04|14.74;2014-05|21.3677;2014-06|26.35;"
     "2014-07|28.1097;2014-08|27.5839;2014-09|25.1133;2014-10|19.1645;2014-11|11.02;2014-12|8.171"},
    {"datasets/weather", "running total of precipitation by month in Seattle in 2015",
     "2015-01|93|93;2015-02|134.2|227.2;2015-03|113.5|340.7;2015-04|51.6|392.3;2015-05|14.8|407.1;"
     "2015-06|5.9|413;2015-07|2.3|415.3;2015-08|83.3|498.6;2015-09|21.1|519.7;2015-10|122.4|642.1;"
     "2015-11|212.6|854.7;2015-12|284.5|1139.2"},
};

TEST(constructs_are_answered_on_weather) {
    plan_check_cases(constructs_are_answered_on_weather_cases,
                     ARRAY_LENGTH(constructs_are_answered_on_weather_cases));
}

static const struct plan_case constructs_are_answered_on_the_shop_cases[] = {
    {"datasets/shop", "percentage of orders that were returned by channel",
     "store|43|2422|1.7754;web|147|8422|1.7454;app|100|5736|1.7434;marketplace|64|3966|1.6137"},
    {"datasets/shop", "what share of revenue comes from Germany",
     "1534361.432|5165101.355|29.7063"},
    {"datasets/shop", "revenue by category as a percentage of the total",
     "Electronics|1444473.38|27.966;Clothing|906719.7615|17.5547;Kitchen|756659.92|14.6495;Sports|"
     "637543.4225|12.3433;Books|429679.005|8.3189;Toys|379038.8075|7.3385;Garden|370993.5455|7."
     "1827;Beauty|239993.513|4.6464"},
    {"datasets/shop", "growth of revenue by year", "2024|2376085.321|-;2025|2789016.034|17.3786"},
    {"datasets/shop", "average number of orders per customer", "9.5652"},
    {"datasets/shop", "average revenue per order", "258.0744"},
    {"datasets/shop", "how many customers ordered books and toys", "993"},
    {"datasets/shop", "how many customers ordered books but not toys", "464"},
    {"datasets/shop", "how many customers have orders but no returned orders", "1877"},
    {"datasets/shop", "how many customers ordered in 2024 but not in 2025", "159"},
    {"datasets/shop", "most expensive product in each category",
     "Beauty|Eau de Toilette, gift set|75.9;Books|Drawing Birds, illustrated "
     "edition|52.9;Clothing|Rain Jacket, sand|96.9;Electronics|Monitor 27\" Max|410;Garden|Compost "
     "Bin, large|92.9;Kitchen|Professional Stand Mixer|321;Sports|Team Hiking "
     "Backpack|125;Toys|Giant Doll's House|125"},
    {"datasets/shop", "top 1 product in each category by revenue",
     "Beauty|Eau de Toilette|43588.755;Books|Drawing Birds, hardcover|75536.145;Clothing|Denim "
     "Jacket, blue|134041.04;Electronics|Monitor 27\"|351132.3;Garden|Compost Bin, "
     "medium|82495.675;Kitchen|Classic Stand Mixer|80088.75;Sports|Team Bicycle "
     "Helmet|107813.8;Toys|Giant Board Game|78802.725"},
    {"datasets/shop", "compare revenue of Books and Toys by year",
     "2024|205107.965|171850.906|33257.059;2025|224571.04|207187.9015|17383.1385"},
    {"datasets/shop", "revenue from returning customers", "!I did not understand “returning”."},
    {"datasets/shop",
     "revenue by category => only Germany => as a percentage => and in 2024? => top 3",
     "Electronics|191141.98|27.0449;Clothing|121644.1135|17.2116;Kitchen|109986.71|15.5621"},
    {"datasets/shop", "how many orders were placed last month", "1256"},
    {"datasets/shop", "which category has the highest share of revenue",
     "Electronics|1444473.38|27.966"},
    {"datasets/shop", "which quarter had the highest revenue growth",
     "2025-Q4|997887.3955|60.4463"},
    {"datasets/shop", "which month had the lowest growth of revenue in 2025",
     "2025-02|175838.6055|-9.7818"},
    {"datasets/shop", "how many customers have not ordered since June 2025", "629"},
};

TEST(constructs_are_answered_on_the_shop) {
    plan_check_cases(constructs_are_answered_on_the_shop_cases,
                     ARRAY_LENGTH(constructs_are_answered_on_the_shop_cases));
}
