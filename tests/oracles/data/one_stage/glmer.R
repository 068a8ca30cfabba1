suppressMessages(library(lme4)); f <- function(x) sprintf("%.12g", x)
cat("lme4", as.character(packageVersion("lme4")), "\n")
ctl <- glmerControl(optimizer="bobyqa", tolPwrss=1e-12, optCtrl=list(rhoend=1e-10, maxfun=1e6))
for (n in c("small","sparse","large")) { d <- read.csv(sprintf("%s.csv", n))
 d$am <- ave(d$age, d$study); d$aw <- d$age - d$am; d$sm <- ave(d$sex,d$study); d$sw <- d$sex-d$sm
 say <- function(what, m) { cat(n, what, f(fixef(m)), "|", f(sqrt(diag(as.matrix(vcov(m))))), "|", f(VarCorr(m)$study[1]), "|", f(as.numeric(logLik(m))), "\n") }
 say("split25", glmer(y ~ aw + am + treated + (1|study), d, binomial, nAGQ=25, control=ctl))
 say("two25", glmer(y ~ aw + am + sw + sm + (1|study), d, binomial, nAGQ=25, control=ctl))
 say("plain9", glmer(y ~ age + sex + (1|study), d, binomial, nAGQ=9, control=ctl))
 say("mod25", glmer(y ~ treated + aw + am + treated:aw + treated:I(am-mean(am)) + (1|study), d, binomial, nAGQ=25, control=ctl))
 say("pois25", glmer(events ~ aw + am + offset(log(time)) + (1|study), d, poisson, nAGQ=25, control=ctl))
}
