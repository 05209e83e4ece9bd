from . import controllers, demo, models, reports, wizards
<<<<<<< HEAD
from .hooks import uninstall_hook
from .tools.guarding import guard_models

guard_models("rebate_management")
=======
from .hooks import post_init_hook, uninstall_hook
>>>>>>> limits
