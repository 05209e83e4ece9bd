<<<<<<< HEAD
from . import onboarding_onboarding, onboarding_onboarding_step
=======
from . import rebate_watch
>>>>>>> agreement
