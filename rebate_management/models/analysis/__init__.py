from . import onboarding_onboarding, onboarding_onboarding_step, rebate_overview, rebate_watch
